// What each case gives, as a line of text: its value, or what it throws.

function described(value) {
  if (value === undefined) return 'undefined';
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
    return { bytes: Buffer.from(value).toString('hex') };
  return JSON.parse(JSON.stringify(value) ?? 'null');
}

const thrown = (error) => ({
  thrown: true,
  class: error?.constructor?.name,
  message: error?.message,
  code: error?.code,
  library: error?.library,
  reason: error?.reason,
  stack: error?.opensslErrorStack,
});

export async function linesOf(cases) {
  const lines = [];
  for (const [name, run] of Object.entries(cases)) {
    let outcome;
    try {
      outcome = described(await run());
    } catch (error) {
      outcome = thrown(error);
    }
    lines.push(`${name}: ${JSON.stringify(outcome)}`);
  }
  return lines;
}

/** What `act` gives, or the class, the code and the message of what it throws. */
export function attempt(act) {
  try {
    return act();
  } catch ({ name, code, message }) {
    return `${name} ${code} ${message}`;
  }
}
