import type { OnDemandStorage } from '../platform/on-demand.ts';
import { Turn } from '../platform/turn.ts';
import { TREE } from './columns.ts';
import { EMPTY_TREE, type StoredTree } from './tree.ts';
import { checkChange } from './tree-rules.ts';

/** The stored tree of one object. What one transaction changes is written once, at its end. */
export class TreeRow {
  readonly #storage: OnDemandStorage;
  /**
   * The tree that was parsed last. It counts as stored while `#turn` is open, and is compared by
   * its text after that.
   */
  #parsed: { readonly text: string | undefined; readonly tree: StoredTree } | undefined;
  readonly #turn = new Turn();
  /** The tree of the transaction that is open. */
  #draft: StoredTree | undefined;

  constructor(storage: OnDemandStorage) {
    this.#storage = storage;
  }

  read(): StoredTree {
    return this.#draft ?? this.#stored();
  }

  /** Changes members of the tree. Call it in `transact`. Throws if a rule forbids the change. */
  change(changes: Partial<StoredTree>): void {
    if (!this.#draft) throw new Error('the tree of an object is changed in a transaction only');
    const next = { ...this.#draft, ...changes };
    checkChange(this.#draft, next);
    this.#draft = next;
  }

  /** Runs `body` in a transaction, or in the one that is open. */
  transact<T>(body: () => T): T {
    if (this.#draft) return body();
    try {
      return this.#storage.transact(() => {
        const before = this.#stored();
        this.#draft = before;
        const result = body();
        if (this.#draft !== before) this.#write(this.#draft);
        return result;
      });
    } catch (error) {
      this.#turn.end();
      throw error;
    } finally {
      this.#draft = undefined;
    }
  }

  #write(tree: StoredTree): void {
    const text = TREE.write(tree);
    if (text === this.#parsed?.text) return;
    this.#storage.writeState(text);
    this.#parsed = { text, tree };
    this.#turn.begin();
  }

  #stored(): StoredTree {
    if (this.#parsed && this.#turn.isOpen) return this.#parsed.tree;
    const text = this.#storage.readState();
    if (!this.#parsed || this.#parsed.text !== text) {
      this.#parsed = { text, tree: text === undefined ? EMPTY_TREE : TREE.read(text) };
    }
    this.#turn.begin();
    return this.#parsed.tree;
  }
}
