// Rounds of two sides, which take turns in beginning.

export async function rounds(
  count: number,
  sides: { ours: (round: number) => Promise<number>; theirs: (round: number) => Promise<number> },
): Promise<{ ours: number[]; theirs: number[] }> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < count; round += 1) {
    const isOursFirst = round % 2 === 0;
    if (isOursFirst) ours.push(await sides.ours(round));
    theirs.push(await sides.theirs(round));
    if (!isOursFirst) ours.push(await sides.ours(round));
  }
  return { ours, theirs };
}
