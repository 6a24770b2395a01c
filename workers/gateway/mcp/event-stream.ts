/**
 * The events of a stream as they come (HTML Living Standard, section 9.2.6): each is told at the
 * blank line that ends it, so that an answer counts before the server closes the stream. What was
 * looked at is not looked at again, whatever the pieces that it comes in.
 */
export class EventStream {
  #line = '';
  #data: string[] = [];
  /** The last piece ended in CR: an LF at the begin of the next belongs to the same line end. */
  #skipsLineFeed = false;

  /** The `data` of each event that `text` completes. */
  push(text: string): readonly string[] {
    const events: string[] = [];
    let rest = this.#skipsLineFeed && text.startsWith('\n') ? text.slice(1) : text;
    if (text !== '') this.#skipsLineFeed = text.endsWith('\r');
    for (let end = rest.search(LINE_END); end !== -1; end = rest.search(LINE_END)) {
      const event = this.#endLine(rest.slice(0, end));
      if (event !== undefined) events.push(event);
      rest = rest.slice(end + (rest.startsWith('\r\n', end) ? 2 : 1));
    }
    this.#line += rest;
    return events;
  }

  /** The event that was under way when the stream ended, or was cut. */
  end(): string | undefined {
    return this.#endLine('') ?? this.#endLine('');
  }

  #endLine(tail: string): string | undefined {
    const line = this.#line + tail;
    this.#line = '';
    if (line !== '') {
      if (line.startsWith('data:')) this.#data.push(line.slice(line[5] === ' ' ? 6 : 5));
      return undefined;
    }
    const data = this.#data;
    this.#data = [];
    return data.length === 0 ? undefined : data.join('\n');
  }
}

const LINE_END = /[\r\n]/;
