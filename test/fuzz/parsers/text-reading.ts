/** How targets read a text: it has a form only if other readers agree. */
import { BlockList, isIP, isIPv4 } from 'node:net';
import { ipBits, rangeBits } from '../../../src/capability/ip-address.ts';
import { readText } from '../../../src/capability/text-reading.ts';
import type { Random } from '../generate/random.ts';
import { claim, type ParserCampaign } from './campaign.ts';
import { mutateText } from './text.ts';

const TEXTS: readonly [string, ...string[]] = [
  ...(['reports/q3.csv', '/files/a b', 'https://api.example/v1?q=1#x', 'plain text'] as const),
  ...['wss://eu.api.example:8443/v1/', 'http://[::1]:80/', 'ftp://a.example', 'https://a.example.'],
  ...['http://0x7f.1/v1', 'http://2130706433/', 'http://010.0.0.1/', 'https://a.example%2e/'],
  ...['10.0.0.1', 'fd00::1', 'invoice-7@acme.example', 'https://a%2fb/', 'x'.repeat(2_048)],
];

export const textReadings: ParserCampaign = {
  name: 'text-reading',
  outcomes: { plain: 'seen', none: 'seen', path: 'seen', url: 'seen', ip: 'seen', refused: 'seen' },
  cases: 10_000,
  attempt: (random) => {
    const sample = random.pick(TEXTS);
    const text = (random.chance(0.85) ? mutateText(random, sample) : sample).toWellFormed();
    const read = readText(text);
    if (!read.ok) {
      claim(/^[a-z][a-z0-9+.-]*:\/\//i.test(text), 'a text that is not a URL is refused', text);
      return 'refused';
    }
    const { length, forms, url, ip } = read.value;
    claim(length === [...text].length, 'the length is wrong', { text, length });
    claim(forms.includes('ip') === (ip !== undefined), 'the form and the bits disagree', text);
    claim(forms.length === 0 || text.length <= 2_048, 'a long text has a form', text);
    if (forms.includes('url')) {
      const parsed = new URL(text);
      claim(
        url !== undefined && !parsed.username && !parsed.password,
        'a URL with user info has the form',
        text,
      );
      claim(parsed.hostname.replace(/\.$/, '') === url.host, 'the host is wrong', { text, url });
      const written = /^[^:]+:\/\/([^/]*)/.exec(text)?.[1] ?? '';
      const host = written.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase();
      claim(host === url.host, 'a host that is looked up by another name has the form', {
        text,
        url,
      });
      claim(
        !/[\\\s]/.test(text) && !written.includes('%'),
        'a URL with a character that only lenient readers accept has the form',
        text,
      );
    }
    if (forms.includes('path')) {
      const segments = text.replace(/^\//, '').split('/');
      const isPlain = (segment: string) => !['', '.', '..'].includes(segment);
      claim(
        segments.every(isPlain),
        'a path with a dot segment or empty segment has the form',
        text,
      );
      claim(!/[%\\:~'"\0]/.test(text), 'a path with a special character has the form', text);
    }
    if (forms.includes('text'))
      claim(text.normalize('NFC') === text, 'a text that is not in NFC has the form', text);
    if (ip !== undefined) return 'ip';
    if (forms.includes('url')) return 'url';
    return forms.includes('path') ? 'path' : forms.includes('text') ? 'plain' : 'none';
  },
};

const ADDRESSES: readonly [string, ...string[]] = [
  ...(['10.0.0.1', '127.0.0.1', '255.255.255.255', '0.0.0.0', '192.168.1.77'] as const),
  ...['fd00::1', '::', '::1', '2001:db8:0:0:1::7', '2001:DB8::a', 'fe80::1', '1:2:3:4:5:6:7:8'],
  ...['010.0.0.1', '0x7f.1', '127.1', '2130706433', '::ffff:10.0.0.1', '::ffff:a00:1', 'fe80::1%1'],
];

/** Addresses that Node accepts and we refuse: an IPv4 address in IPv6, and a zone. */
const isAmbiguous = (text: string): boolean =>
  text.includes('%') || /:.*\./.test(text) || /^(?:0{0,4}:){1,5}:?ffff:/i.test(text);

function someRange(random: Random): string {
  const address = random.pick(ADDRESSES);
  const range = `${address}/${random.below(130)}`;
  return random.chance(0.3) ? mutateText(random, range) : range;
}

/** Compares addresses and ranges with Node's own. */
export const ipAddresses: ParserCampaign = {
  name: 'ip-address',
  outcomes: { ip: 'seen', none: 'seen', inside: 'seen', outside: 'seen' },
  cases: 10_000,
  attempt: (random) => {
    const sample = random.pick(ADDRESSES);
    const text = random.chance(0.7) ? mutateText(random, sample) : sample;
    const bits = ipBits(text);
    if (bits === undefined) {
      claim(isIP(text) === 0 || isAmbiguous(text), 'a valid address is refused', text);
      return 'none';
    }
    claim(isIP(text) !== 0, 'a text that is not an address is accepted', text);
    claim(bits.length === (isIPv4(text) ? 34 : 130), 'the number of bits is wrong', { text, bits });
    const range = random.chance(0.5)
      ? someRange(random)
      : `${random.pick(['10.0.0.0/8', '0.0.0.0/0', 'fd00::/8', '::/0', '127.0.0.0/31'])}`;
    const start = rangeBits(range);
    if (start === undefined) return 'ip';
    const [address = '', length = ''] = range.split('/');
    const behind = ipBits(address)?.slice(start.length) ?? '1';
    claim(!behind.includes('1'), 'a range with bits set after its prefix is accepted', range);
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    const list = new BlockList();
    list.addSubnet(address, Number(length), family);
    const inside = bits.startsWith(start);
    const isOf = (isIPv4(text) ? 'ipv4' : 'ipv6') === family;
    claim(
      inside === (isOf && list.check(text, family)),
      'the range and Node disagree on the address',
      {
        text,
        range,
      },
    );
    return inside ? 'inside' : 'outside';
  },
};
