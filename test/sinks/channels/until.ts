/** Looks again whenever other work had its turn: what is awaited happens, or the test times out. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
