import { pointerAbove } from '../../json-pointer.ts';
import type { DatalogWriter } from '../datalog.ts';

/** Writes checks that hold for the calls of one tool, or of all where none is named. */
export class ToolChecks {
  readonly block: DatalogWriter;
  /** The tool as a parameter of the text. */
  readonly #tool: string | undefined;

  constructor(block: DatalogWriter, tool: string | undefined) {
    this.block = block;
    this.#tool = tool === undefined ? undefined : block.parameter(tool);
  }

  /** One of the bodies must match. */
  require(...bodies: readonly string[]): void {
    const others = this.#tool === undefined ? [] : [`tool($t), $t !== ${this.#tool}`];
    this.block.addText(`check if ${[...others, ...bodies].join(' or ')}`);
  }

  /** The body must not match. Of one query: with `or` the implementations disagree. */
  reject(body: string): void {
    const tool = this.#tool === undefined ? '' : `tool(${this.#tool}), `;
    this.block.addText(`reject if ${tool}${body}`);
  }

  /** The object at `pointer` must be there, or may be `absent`, and has no other members. */
  closeObject(pointer: string, members: Iterable<string>, absent: readonly string[]): void {
    const [at, names] = [this.block.parameter(pointer), this.block.parameter(new Set(members))];
    this.require(...absent, `arg_members(${at}, $n), ${names}.contains($n)`);
  }

  /** Bodies of which one matches where nothing is at `pointer`: what holds it may not be there. */
  absence(pointer: string): readonly string[] {
    const bodies: string[] = [];
    for (let inner = pointer; inner !== ''; inner = pointerAbove(inner)) {
      const [holder, member] = [pointerAbove(inner), inner].map((at) => this.block.parameter(at));
      bodies.unshift(`arg_members(${holder}, $n), !$n.contains(${member})`);
    }
    return bodies;
  }
}
