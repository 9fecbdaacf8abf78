export async function keepTips(..._a: unknown[]): Promise<void> {}
