/** Returns a function that counts from 0 to `count` - 1, again and again. */
export function counter(count: number): () => number {
  let last = count - 1;
  return () => {
    last = (last + 1) % count;
    return last;
  };
}
