/**
 * Splits a stream into its events as they arrive (HTML Living Standard, section 9.2.6). An event is
 * complete at its blank line, so an answer counts before the server closes the stream. Each
 * character is read once, whatever the size of the chunks.
 */
export class EventStream {
  #line = '';
  #data: string[] = [];
  /**
   * The last chunk ended with CR: an LF at the start of the next one belongs to the same line end.
   */
  #skipsLineFeed = false;

  /** Returns the `data` of each event that `text` completes. */
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

  /** Returns the event that was incomplete when the stream ended or was cut. */
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
