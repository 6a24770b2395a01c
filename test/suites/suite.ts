/**
 * Tests that run in every runtime: no test runner, no file system, nothing but the engine. Each
 * runtime's own test file hands them to its runner (Node, workerd) or runs them itself (Chromium).
 */

export type SuiteTest = { readonly name: string; readonly run: () => Promise<void> };

/** Fails with both sides in the message. Compares as JSON, which all that is compared here is. */
export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${what}: expected ${right}, got ${left}`);
}

export function expectThat(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}
