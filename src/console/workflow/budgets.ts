/** A budget of a workflow: how much of it is used. */
export interface BudgetRow {
  readonly name: string;
  readonly used: number;
  readonly most: number;
  /** 0 to 1. */
  readonly part: number;
  readonly words: string;
}

interface Meter {
  readonly key: string;
  readonly limit: number;
  readonly used: number;
  readonly carved: number;
}

const MICROS = 1_000_000; // Sums of an argument are counted in millionths.

/** Returns the name of a meter, and what its numbers are divided by. */
function readKey(key: string): { readonly name: string; readonly unit: number } {
  if (key === 'calls') return { name: 'Calls', unit: 1 };
  if (key === 'denials') return { name: 'Denials', unit: 1 };
  try {
    const [kind, tool, pointer] = JSON.parse(key) as readonly string[];
    if (kind === 'tool') return { name: `Calls of ${tool}`, unit: 1 };
    if (kind === 'sum') return { name: `Sum of ${pointer} of ${tool}`, unit: MICROS };
  } catch {
    // A meter that only a newer issuer has keeps its key as its name.
  }
  return { name: key, unit: 1 };
}

/** Returns an amount with separators between its thousands. */
export const amountText = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: 2 });

/** Returns a row for each meter. What is reserved for children counts as used. */
export const budgetRows = (meters: readonly Meter[]): readonly BudgetRow[] =>
  meters.map(({ key, limit, used, carved }) => {
    const { name, unit } = readKey(key);
    const [most, spent] = [limit / unit, (used + carved) / unit];
    return {
      name,
      used: spent,
      most,
      part: most === 0 ? 1 : Math.min(1, spent / most),
      words: `${amountText(spent)} of ${amountText(most)}${carved > 0 ? `, ${amountText(carved / unit)} of it for workflows below` : ''}`,
    };
  });
