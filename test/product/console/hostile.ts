import type { Page, Route } from 'playwright-core';
import { askForApproval } from './approval.ts';
import type { ConsoleStage } from './stage.ts';
import { openTab, PHONE, settled, sticksOut, unfold } from './tab.ts';

/** Markup, a template and an address that runs, as an agent that was taken over writes them. */
const MARKUP =
  '"\'><img src=x onerror="globalThis.hit=1"><script>globalThis.hit=1</script>{{7*7}}<a href="javascript:globalThis.hit=1">x</a>';

/** Hides a letter, turns the letters after it around, and sets the title of a terminal. */
const TURNED = '\u200b\u202efdp.exe\u001b]0;owned\u0007';

/** What is shown of it. */
const TURNED_SHOWN = '\\u{200b}\\u{202e}fdp.exe\\u{1b}]0;owned\\u{7}';

const HOSTILE = `${MARKUP}${TURNED}${'w'.repeat(70)}`;

/** What a person must never get in a text: it is not what it looks like. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u206f]/;

export interface Hostile {
  readonly workflow: string;
  readonly approval: string;
}

/** Writes the text wherever the issuer and the gateway take it from an agent or from a person. */
export async function writeHostile(stage: ConsoleStage): Promise<Hostile> {
  const { scene } = stage;
  // A task that hides something gets no capability.
  const agent = await stage.begin(`hostile ${MARKUP}${'w'.repeat(70)}`);
  const { workflow, token } = agent.capability;
  await agent.call('read_text_file', { path: `private/${HOSTILE}` }, token);
  await agent.call(`tool${HOSTILE}`, { [HOSTILE]: HOSTILE }, token);
  const approval = await askForApproval(scene, `hostile ${MARKUP}`);
  const order = async (path: string, body: object) => {
    const answer = await fetch(`${scene.issuerUrl}/admin/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${scene.operator}` },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  };
  await order(`/workflows/${workflow}/suspend`, { reason: MARKUP });
  const denied = { scope: 'agent', value: `spiffe://acme.example/${'w'.repeat(90)}` };
  await order('/denials', { ...denied, reason: MARKUP, even_unknown: true });
  return { workflow, approval: approval.id };
}

/** Members whose texts the issuer makes: names of its own, hashes and times. */
const MADE: ReadonlySet<string> = new Set(
  [
    'id workflow state tag sign event mark kind verdict digest next log root hash until at since',
    'decision effect change mode act source status result checkpoint signature proof leaves whole',
    'previous token up key keys needs roles may severity use scope',
  ].flatMap((line) => line.split(' ')),
);

const isMade = (member: string): boolean => MADE.has(member) || member.endsWith('_at');

/** Returns an answer in which every other text ends with the hostile one. */
function poisoned(value: unknown, member = ''): unknown {
  if (typeof value === 'string') return isMade(member) ? value : `${value}${HOSTILE}`;
  if (Array.isArray(value)) return value.map((one) => poisoned(one, member));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, poisoned(one, name)]),
  );
}

async function poison(route: Route): Promise<void> {
  const answer = await route.fetch();
  const text = await answer.text();
  if (answer.status() !== 200 || text === '') return route.fulfill({ response: answer });
  await route.fulfill({ response: answer, json: poisoned(JSON.parse(text)) });
}

const addressesOf = ({ workflow, approval }: Hostile): readonly string[] => {
  const name = encodeURIComponent(HOSTILE);
  return [
    '#/now',
    `#/now?q=${name}&owner=${name}&tool=${name}`,
    `#/w/${workflow}`,
    `#/w/${name}`,
    '#/approvals',
    `#/approvals/${approval}`,
    `#/approvals/${name}`,
    `#/denied?scope=agent&value=${name}`,
    '#/who?by=tool&name=mcp/files/read_text_file',
    `#/who?by=tool&name=${name}`,
    '#/policy',
    '#/policy/draft',
    '#/health',
    '#/trail',
    `#/trail?by=workflow&value=${workflow}`,
    `#/trail?by=tool&value=${name}`,
    `#/${name}`,
  ];
};

/** Opens each page with the text in it, and returns what the text did there. */
export async function whatHostileDid(
  stage: ConsoleStage,
  hostile: Hostile,
  how: 'as written' | 'in every answer',
): Promise<readonly string[]> {
  const tab = await openTab(stage, PHONE);
  const { page } = tab;
  const did: string[] = [];
  page.on('dialog', (dialog) => {
    did.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  if (how === 'in every answer') await page.route('**/admin/v1/**', poison);
  let shown = 0;
  for (const address of addressesOf(hostile)) {
    await tab.open(address);
    await unfold(page);
    const text = await readPage(page);
    if (text.includes(TURNED_SHOWN)) shown += 1;
    const faults = [...(await faultsOf(page, text)), ...(await sticksOut(page))];
    did.push(...faults.map((fault) => `${address.slice(0, 20)}: ${fault}`));
  }
  if (shown === 0) did.push('the text was shown nowhere');
  // An address that no route takes is answered with a problem, which the browser reports.
  const reported = tab.faults.filter((fault) => !/status of (?:400|404)/.test(fault));
  await tab.close();
  return [...did, ...reported];
}

const readPage = async (page: Page): Promise<string> => {
  await settled(page);
  return (await page.evaluate('[document.title, document.body.innerText].join()')) as string;
};

async function faultsOf(page: Page, text: string): Promise<readonly string[]> {
  const [hit, elements, scripts, links] = (await page.evaluate(`[
    globalThis.hit,
    document.querySelectorAll('img, iframe, object, embed, base, form[action]').length,
    document.querySelectorAll('script').length,
    [...document.links].filter(({ protocol, host }) => !/^https?:$/.test(protocol) || host !== location.host).length,
  ]`)) as [unknown, number, number, number];
  const attributes = (await page.evaluate(`[...document.querySelectorAll('[title], [aria-label]')]
    .map((one) => one.title + ' ' + (one.ariaLabel ?? '')).join(' ')`)) as string;
  return [
    hit !== undefined && 'a script ran',
    elements > 0 && `${elements} elements of markup`,
    scripts !== 1 && `${scripts} scripts`,
    links > 0 && `${links} links that lead elsewhere`,
    UNSEEN.test(text) && 'a hidden character is in the text',
    UNSEEN.test(attributes) && 'a hidden character is in an attribute',
  ].filter((fault) => fault !== false);
}
