import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** One tool for both halves: `vite build` makes the web pages, `vite build --ssr` the server. */
export default defineConfig(({ isSsrBuild }) =>
  isSsrBuild
    ? {
        root: at('./'),
        build: {
          ssr: true,
          target: 'node20',
          outDir: at('./dist/server'),
          emptyOutDir: true,
          sourcemap: true,
          rolldownOptions: {
            input: {
              main: at('./server/main.ts'),
              'engine-thread': at('./server/analysis/engine-thread.ts'),
            },
          },
        },
      }
    : {
        root: at('./web'),
        oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
        build: {
          outDir: at('./dist/web'),
          emptyOutDir: true,
          // Small fonts as data: URIs would break the page's content security policy.
          assetsInlineLimit: 0,
          reportCompressedSize: false,
        },
        server: { proxy: { '/api': process.env.WEIYU_API ?? 'http://127.0.0.1:3000' } },
      },
)
