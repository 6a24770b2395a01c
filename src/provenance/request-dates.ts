/** Dates in the request of the user: `2026-05-16` as "May 16, 2026" or "the 16th of May". */

const MONTHS = [
  ...['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september'],
  ...['october', 'november', 'december'],
];
const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:[t ](\d{2}):(\d{2})(?::00)?)?$/;
const DAY = String.raw`(?<![\p{L}\p{N}])0?DAY(?:st|nd|rd|th)?`;
const END = String.raw`(?![\p{L}\p{N}])`;

/**
 * Returns whether a folded request has the day of an ISO date, written with the name of its month,
 * and the time if the value has one. The year counts only if the request states one behind the day.
 * Of a sink whose kind is `day`, the time does not count: it is named by its day.
 */
export function dateStandsIn(request: string, value: string, kind?: string): boolean {
  const [, year = '', month = '', day = '', hour, minute = ''] = DATE.exec(value) ?? [];
  const name = MONTHS[Number(month) - 1];
  if (name === undefined) return false;
  const names = `(?:${name}|${name.slice(0, 3)}\\.?)`;
  const dayText = DAY.replace('DAY', String(Number(day)));
  const isDay = [
    `(?<![\\p{L}\\p{N}])${names} ${dayText.replace('(?<![\\p{L}\\p{N}])', '')}${END}`,
    `${dayText}(?: of)? ${names}${END}`,
  ].some((pattern) => {
    const found = request.matchAll(new RegExp(`${pattern}(?:,? (\\d{4})${END})?`, 'gu'));
    return [...found].some(([, stated]) => stated === undefined || stated === year);
  });
  const isIso = new RegExp(`(?<![\\p{L}\\p{N}-])${year}-${month}-${day}(?![\\p{L}\\p{N}-])`, 'u');
  if (kind === 'day') return isDay || isIso.test(request);
  if (hour === undefined) return isDay;
  return (isDay || isIso.test(request)) && timeStandsIn(request, Number(hour), minute);
}

function timeStandsIn(request: string, hour: number, minute: string): boolean {
  const half = hour < 12 ? 'am' : 'pm';
  const twelve = hour % 12 === 0 ? 12 : hour % 12;
  const exact = `0?${hour}:${minute}(?! ?[ap]\\.?m)`;
  const spoken = `0?${twelve}${minute === '00' ? '(?::00)?' : `:${minute}`} ?${half.charAt(0)}\\.?m`;
  return new RegExp(`(?<![\\p{L}\\p{N}:])(?:${exact}|${spoken})(?![\\p{L}\\p{N}:])`, 'u').test(
    request,
  );
}
