/** Answers of a pure function of one text, kept: what a flood asks again and again is worked out once. */

/** Keeps so many answers at the most; when there are more, it begins anew. */
export function remembered<Answer>(work: (text: string) => Answer, countMax = 1_000): (text: string) => Answer {
  const known = new Map<string, Answer>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const answer = work(text);
    if (known.size >= countMax) known.clear();
    known.set(text, answer);
    return answer;
  };
}
