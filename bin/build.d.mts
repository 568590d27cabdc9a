export function build(options?: { web?: boolean; ifStale?: boolean }): Promise<void>
export function bundle(input: Readonly<Record<string, string>>, outDir: string): Promise<void>
