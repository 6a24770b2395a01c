import htm from 'htm';
import { Fragment, h, isValidElement, type VNode } from 'preact';
import { escapeHidden } from '../../escape-hidden.ts';

/** What may stand between two tags: a text becomes a text node, and nothing parses HTML. */
export type Content = VNode | string | number | boolean | null | undefined | readonly Content[];

/** A text that came into a template as a value. The text of the template itself is our own. */
class Given {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  /** htm joins the parts of an attribute. */
  toString(): string {
    return this.text;
  }
}

/** Attributes that a person reads or hears. */
const READ: ReadonlySet<string> = new Set(['title', 'aria-label', 'placeholder', 'alt', 'data-k']);

/** A link of the console leads to one of its pages, or to a sign-in of the same origin. */
const isOwnAddress = (href: string): boolean => /^(?:#|\/(?![/\\]))/.test(href);

const build = htm.bind(
  (type: unknown, props: Record<string, unknown> | null, ...children: unknown[]) =>
    h(type as never, propsOf(type, props) as never, ...(children.map(shown) as never[])),
) as (strings: TemplateStringsArray, ...values: unknown[]) => unknown;

/**
 * Builds elements from a template. Any text in it may come from an agent: what hides or reorders
 * the text around it is written as its code point, and a link that leads elsewhere is no link.
 */
export function html(strings: TemplateStringsArray, ...values: unknown[]): VNode {
  const given = values.map((value) => (typeof value === 'string' ? new Given(value) : value));
  const built = build(spaced(strings), ...given);
  if (isValidElement(built)) return built;
  // A template with several elements, or with text alone.
  const roots = Array.isArray(built) ? built : [built];
  return h(Fragment, null, ...(roots.map(shown) as never[]));
}

/** By the strings of a template, which are the same array each time it is rendered. */
const SPACED = new WeakMap<TemplateStringsArray, TemplateStringsArray>();

/** A line break between two words is a space, as in HTML. htm would leave it out beside a tag. */
function spaced(strings: TemplateStringsArray): TemplateStringsArray {
  const known = SPACED.get(strings);
  if (known) return known;
  const made = strings.map((text) => text.replace(/\s*\n\s*/g, ' '));
  SPACED.set(strings, made as unknown as TemplateStringsArray);
  return made as unknown as TemplateStringsArray;
}

function shown(content: unknown): unknown {
  if (content instanceof Given) return escapeHidden(content.text);
  return Array.isArray(content) ? content.map(shownInside) : content;
}

/** A text in a list came into the template with it. */
const shownInside = (content: unknown): unknown =>
  typeof content === 'string' ? escapeHidden(content) : shown(content);

function propsOf(type: unknown, props: Record<string, unknown> | null): unknown {
  if (props === null) return props;
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(props)) {
    const text = value instanceof Given ? value.text : value;
    // A component hands its properties on in templates of its own.
    plain[name] =
      typeof type === 'string' && typeof text === 'string' ? attribute(name, text) : text;
  }
  return plain;
}

function attribute(name: string, text: string): string | undefined {
  if (name === 'href') return isOwnAddress(text) ? text : undefined;
  return READ.has(name) ? escapeHidden(text) : text;
}
