/**
 * Tests that run in every runtime: without a test runner or file system, only with the engine. Each
 * runtime's test file passes them to its runner (Node, workerd) or runs them itself (Chromium).
 */

export type SuiteTest = { readonly name: string; readonly run: () => Promise<void> };

/** Fails with both sides in the message. Compares them as JSON. */
export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${what}: expected ${right}, got ${left}`);
}

export function expectThat(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}
