import type { VNode } from 'preact';
import { describe, expect, test } from 'vitest';
import { html } from '../../../src/console/ui/html.ts';

/** The texts of a tree, without a browser. */
function textOf(content: unknown): string {
  if (content === null || content === undefined || typeof content === 'boolean') return '';
  if (Array.isArray(content)) return content.map(textOf).join('');
  if (typeof content === 'object')
    return textOf((content as VNode<{ children: unknown }>).props.children);
  return String(content);
}

const propsOf = (node: VNode): Record<string, unknown> => node.props as Record<string, unknown>;

const BIDI = 'report\u202etxt.exe';
const SHOWN = 'report\\u{202e}txt.exe';

describe('a template of the console', () => {
  test.each([
    ['a text', (text: string) => html`<p>${text}</p>`],
    ['a text beside another', (text: string) => html`<p>for ${text} now</p>`],
    ['a list', (text: string) => html`<p>${[text]}</p>`],
    ['a nested list', (text: string) => html`<p>${[[text]]}</p>`],
    ['an inner template', (text: string) => html`<p>${html`<b>${text}</b>`}</p>`],
    ['a template without an element', (text: string) => html`<p>${html`${text}`}</p>`],
    ['a template with several elements', (text: string) => html`<p>${html`<b>x</b> ${text}`}</p>`],
  ])('writes what hides or reorders text in %s as its code point', (_, render) => {
    expect(textOf(render(BIDI))).toContain(SHOWN);
    expect(textOf(render(BIDI))).not.toContain(BIDI);
    expect(textOf(render('line\none'))).toContain('line\\u{a}one');
  });

  test.each(['title', 'aria-label', 'placeholder', 'data-k'])('does the same in %s', (name) => {
    const node = html`<p ...${{ [name]: BIDI }}>x</p>`;
    expect(propsOf(node)[name]).toBe(SHOWN);
  });

  test('leaves a value of a field as it is, because it is sent back', () => {
    expect(propsOf(html`<input value=${BIDI} />`).value).toBe(BIDI);
  });

  test.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,x',
    'https://rival.example/',
    '//rival.example/',
    '/\\rival.example/',
    'rival.example',
    'vbscript:x',
  ])('makes no link of %j', (href) => {
    expect(propsOf(html`<a href=${href}>x</a>`).href).toBeUndefined();
    expect(propsOf(html`<a href=${`${href}`} title="x">x</a>`).href).toBeUndefined();
  });

  test.each(['#/now', '#main', '/console/sign-in'])('makes a link of %j', (href) => {
    expect(propsOf(html`<a href=${href}>x</a>`).href).toBe(href);
  });

  test('keeps markup in a text as text', () => {
    const text = '<img src=x onerror=alert(1)>';
    expect(textOf(html`<p>${text}</p>`)).toBe(text);
  });

  test('reads a line break between words as a space, also beside a tag', () => {
    const node = html`<p>
      one
      <b>two</b>
      three ${'four'}
      five
    </p>`;
    expect(textOf(node).trim().replace(/ +/g, ' ')).toBe('one two three four five');
  });

  test('joins the parts of an attribute', () => {
    expect(propsOf(html`<p class="a ${'b'} c">x</p>`).class).toBe('a b c');
  });
});
