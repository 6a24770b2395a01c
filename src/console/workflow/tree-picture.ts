import type { VNode } from 'preact';
import { html, Mark } from '../ui/index.ts';
import type { ShownToken } from './shown-tokens.ts';
import { BOX, type Box, boxText, layOutTree } from './tree-layout.ts';

interface TreePictureProps {
  readonly tokens: readonly ShownToken[];
  readonly picked: string | undefined;
  readonly hrefOf: (token: string) => string;
}

/**
 * The delegation tree of a workflow. The boxes are links, so that a token can be shown to a
 * colleague, and the list below the picture has the scope of the token that was picked.
 */
export function TreePicture({ tokens, picked, hrefOf }: TreePictureProps): VNode {
  const { boxes, edges, width, height } = layOutTree(tokens);
  const shown = tokens.find(({ id }) => id === picked) ?? tokens[0];
  if (!shown) return html`<p class="pad muted">No token was issued yet.</p>`;
  return html`<div>
    <div
      class="tree pad scroll"
      tabindex="0"
      role="region"
      aria-label="Delegation tree, which scrolls sideways"
    >
      <svg
        viewBox=${`0 0 ${width} ${height}`}
        role="group"
        aria-label="Delegation tree"
        style=${{ width: `${width}px`, minWidth: `${width}px` }}
      >
        ${edges.map(({ key, path }) => html`<path key=${key} class="edge" d=${path} />`)}
        ${boxes.map((box) => html`<${TreeBox} key=${box.node.id} box=${box} isPicked=${box.node === shown} href=${hrefOf(box.node.id)} />`)}
      </svg>
    </div>
    <div class="pad lined" aria-live="polite">
      <h3>${shown.title} (${shown.about}) ${shown.isObserved ? 'was used to' : 'may'}</h3>
      <ul class="checks">
        ${shown.scope.map(
          ({ action, dataset, tool, limits }) => html`<li>
            <${Mark} kind="ok" />
            <span
              ><b>${action}</b> ${dataset === '' ? 'no dataset' : dataset}${' '}
              <span class="muted">with <span class="mono">${tool}</span></span>
              ${limits !== undefined && html`<span class="sub">${limits}</span>`}</span
            >
          </li>`,
        )}
      </ul>
      ${shown.scope.length === 0 && html`<p class="muted">What it may do is not recorded.</p>`}
      <p class="hint">
        ${
          shown.isObserved
            ? 'Tokens that were narrowed for one call are known by their calls, the denied ones included.'
            : 'What it really can do: its own limits, and those of every box above it.'
        }
      </p>
    </div>
  </div>`;
}

interface TreeBoxProps {
  readonly box: Box<ShownToken>;
  readonly isPicked: boolean;
  readonly href: string;
}

const TreeBox = ({ box: { node, x, y }, isPicked, href }: TreeBoxProps): VNode =>
  html`<a href=${href} aria-current=${isPicked ? 'true' : undefined}>
    <title>${`${node.title}, ${node.about}, ${node.more}`}</title>
    <rect x=${x} y=${y} width=${BOX.width} height=${BOX.height} rx="7" />
    <text x=${x + 12} y=${y + 21} class="t1">${boxText(node.title)}</text>
    <text x=${x + 12} y=${y + 37}>${boxText(node.about)}</text>
    <text x=${x + 12} y=${y + 53} class="t2">${boxText(node.more)}</text>
    ${
      node.denied > 0 &&
      html`<path class="b-deny" d=${`M${x + BOX.width - 16} ${y + 10}l6 6-6 6-6-6z`} />`
    }
  </a>`;
