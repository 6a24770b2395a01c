import type { OnDemandStorage } from '../platform/on-demand.ts';
import type { StoredRow } from '../platform/table.ts';
import type { SmallTableName } from './tree.ts';
import type { TreeRow } from './tree-row.ts';

/** Rows of one table that are kept in the tree. Most workflows end with two or three. */
const IN_TREE_MAX = 16;

/**
 * A table that usually has a few rows for a moment. The first ones are in the row of the tree,
 * which the same transaction writes anyway: a table of its own would cost rows and pages. Further
 * ones are in the table. Each row has a number `n`, in the order of their arrival.
 */
export class SmallTable {
  readonly #name: SmallTableName;
  readonly #storage: OnDemandStorage;
  readonly #tree: TreeRow;

  constructor(name: SmallTableName, storage: OnDemandStorage, tree: TreeRow) {
    this.#name = name;
    this.#storage = storage;
    this.#tree = tree;
  }

  /** Returns all rows in the order of their arrival. */
  all(): readonly StoredRow[] {
    return [...this.#inTable(), ...this.#inTree()].sort((a, b) => Number(a.n) - Number(b.n));
  }

  add(row: StoredRow): void {
    this.#tree.transact(() => {
      const n = Math.max(0, ...this.all().map((one) => Number(one.n))) + 1;
      const inTree = this.#inTree();
      if (inTree.length < IN_TREE_MAX) {
        this.#keep([...inTree, { n, ...row }]);
        return;
      }
      this.#storage.ensure(this.#name);
      const names = ['n', ...Object.keys(row)];
      const places = names.map(() => '?').join(', ');
      this.#storage.sql.exec(
        `INSERT INTO ${this.#name} (${names.join(', ')}) VALUES (${places})`,
        ...[n, ...Object.values(row)],
      );
    });
  }

  update(n: number, changes: StoredRow): void {
    this.#tree.transact(() => {
      const inTree = this.#inTree();
      if (inTree.some((row) => row.n === n)) {
        this.#keep(inTree.map((row) => (row.n === n ? { ...row, ...changes } : row)));
        return;
      }
      const columns = Object.keys(changes).map((name) => `${name} = ?`);
      this.#storage.sql.exec(
        `UPDATE ${this.#name} SET ${columns.join(', ')} WHERE n = ?`,
        ...[...Object.values(changes), n],
      );
    });
  }

  delete(numbers: readonly number[]): void {
    this.#tree.transact(() => {
      const inTree = this.#inTree();
      const left = inTree.filter((row) => !numbers.includes(Number(row.n)));
      if (left.length < inTree.length) this.#keep(left);
      if (!this.#storage.has(this.#name)) return;
      for (const n of numbers) this.#storage.sql.exec(`DELETE FROM ${this.#name} WHERE n = ?`, n);
    });
  }

  #inTree(): readonly StoredRow[] {
    return this.#tree.read().rows[this.#name] ?? [];
  }

  #keep(own: readonly StoredRow[]): void {
    const { [this.#name]: _own, ...others } = this.#tree.read().rows;
    this.#tree.change({ rows: { ...others, ...(own.length > 0 && { [this.#name]: own }) } });
  }

  #inTable(): readonly StoredRow[] {
    const { sql } = this.#storage;
    return this.#storage.has(this.#name) ? sql.exec(`SELECT * FROM ${this.#name}`).toArray() : [];
  }
}
