/** Texts that become names of datasets: one spelling each, and no two texts with the same name. */
import { posix } from 'node:path';
import {
  checkDataset,
  checkPlainDataset,
  covers,
  decodeDatasetName,
} from '../../../src/capability/index.ts';
import { type DatasetNames, describeCall, parseCatalogue } from '../../../src/catalogue/index.ts';
import type { Random } from '../generate/random.ts';
import { claim, type ParserCampaign } from './campaign.ts';
import { mutateText } from './text.ts';

const ROOT = '/srv/files';
const UNDER = 'files/shared';

/** Every way of naming, and a path below a root. */
type Form = DatasetNames | 'root';
const MEMBERS: Readonly<Record<Form, string>> = {
  plain: '',
  natural: ', names = "natural"',
  opaque: ', names = "opaque"',
  url: ', names = "url"',
  root: `, names = "natural", root = "${ROOT}"`,
};
const FORMS = Object.keys(MEMBERS) as [Form, ...Form[]];
const CATALOGUE = parseCatalogue(
  FORMS.map(
    (form) => `[[tool]]
name = "${form}"
action = "read"
tier = 1
arguments = ["path"]
datasets = [{ argument = "/path", under = "${UNDER}"${MEMBERS[form]} }]
`,
  ).join(''),
);

const SAMPLES: Readonly<Record<Form, readonly [string, ...string[]]>> = {
  plain: ['reports/q3.csv', 'a b/été', '.', 'a'],
  natural: ['Q3: "draft"/100%', "it's/a~b", 'a\\b', '🎉❤️/x', '~3A~', ' a  b ', 'plain/path'],
  opaque: ['Q3/Q4', '..', 'https://docs.example/a?b', '~2F~', '4711', 'a b'],
  url: [
    ...(['https://docs.example/guides/a%20b?q=1#x', 'docs.example/guides'] as const),
    ...['http://DOCS.example.:80/', 'https://[::1]:8443/a', 'https://docs.example/%C3%A9'],
  ],
  root: ['/srv/files/reports/q3.csv', '/srv/files', '/srv/files/a:b/c'],
};

function named(form: Form, path: string): string | undefined {
  claim(CATALOGUE.ok, 'the catalogue is refused');
  const call = describeCall(CATALOGUE.value, form, { path });
  return call.ok ? call.value.dataset[0] : undefined;
}

/** What a URL means to a reader of its own: undefined if it is not to be read at all. */
function urlName(text: string): string | undefined {
  const url = new URL(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`);
  const segments = decodeURIComponent(url.pathname).split('/').slice(1);
  if (segments.at(-1) === '') segments.pop();
  const port = url.port === '' ? '' : `:${url.port}`;
  return [url.hostname.replace(/\.$/, '') + port, ...segments].join('/');
}

const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]|[^\S ]/u;

function claimName(form: Form, text: string, name: string): void {
  const what = { form, text, name };
  claim(checkDataset(name).ok, 'a dataset has an invalid name', what);
  claim(covers(UNDER, name), 'a dataset is outside its root', what);
  claim(!INVISIBLE.test(name), 'a name has an invisible character', what);
  const decoded = decodeDatasetName(name).slice(UNDER.length + 1);
  if (form === 'url') {
    claim(decoded === urlName(text), 'a URL is read differently', { ...what, url: urlName(text) });
    return;
  }
  const relative = form === 'root' ? posix.relative(ROOT, text) : text;
  const isRoot = text === (form === 'root' ? ROOT : '.') && form !== 'opaque';
  claim(isRoot ? name === UNDER : decoded === relative, 'a name stands for another text', what);
  if (form === 'opaque') {
    const depth = UNDER.split('/').length + 1;
    claim(name.split('/').length === depth, 'an opaque text has several segments', what);
    return;
  }
  const resolved = posix.join('/x', relative);
  claim(isRoot || resolved === `/x/${relative}`, 'a path is resolved to another', what);
  if (checkPlainDataset(relative).ok) {
    claim(name === `${UNDER}/${relative}`, 'a name that needs no encoding is changed', what);
  }
}

const someText = (random: Random, sample: string): string =>
  random.chance(0.8) ? mutateText(random, sample) : sample;

export const datasetNames: ParserCampaign = {
  name: 'dataset-names',
  outcomes: { named: 'seen', refused: 'seen', encoded: 'seen' },
  cases: 12_000,
  attempt: (random) => {
    const form = random.pick(FORMS);
    const sample = random.pick(SAMPLES[form]);
    const text = someText(random, sample);
    const name = named(form, text);
    if (name === undefined) {
      claim(text !== sample, 'an unmodified text is refused', { form, text });
      return 'refused';
    }
    claimName(form, text, name);
    const other = random.pick(FORMS);
    const neighbour = mutateText(random, text);
    const otherName = named(other, neighbour);
    // Within the forms that read a path, only equal texts have equal names.
    const paths: readonly Form[] = ['plain', 'natural'];
    if (neighbour !== text && paths.includes(form) && paths.includes(other)) {
      claim(otherName !== name, 'two texts have one name', { form, text, other, neighbour, name });
    }
    // A changed name is accepted only if it is the one spelling of what it stands for.
    const changed = mutateText(random, name);
    if (checkDataset(changed).ok && !checkPlainDataset(changed).ok) {
      const segments = changed.split('/').slice(1).map(decodeDatasetName);
      const again = segments.map((one) => named('opaque', one)?.slice(UNDER.length + 1));
      claim(again.join('/') === changed.split('/').slice(1).join('/'), 'two spellings', changed);
    }
    return name.includes('~') ? 'encoded' : 'named';
  },
};
