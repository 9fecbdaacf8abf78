export async function afterPush(..._a: unknown[]): Promise<{ bytes: number }> {
  return { bytes: 0 }
}
