/** Does something for each number below `count`, in order, some of them at once. */
export async function inFlight(count: number, act: (n: number) => Promise<void>, atOnce = 16): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < count) await act(next++)
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
}
