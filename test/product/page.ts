/** Runs in the page: the suites, with each result as plain data. */
import { type SuiteData, suites } from '../suites/index.ts';

export type PageResult = { readonly name: string; readonly error: string | null };

async function runSuites(data: SuiteData): Promise<readonly PageResult[]> {
  const results: PageResult[] = [];
  for (const { name, run } of suites(data)) {
    const error = await run().then(
      () => null,
      (thrown: unknown) => String(thrown),
    );
    results.push({ name, error });
  }
  return results;
}

Object.assign(globalThis, { runSuites });
