export function build(options?: { web?: boolean; ifStale?: boolean }): Promise<void>
