// OpenAI's own client for Node against `dray serve`: whole answers, streams, tools, pictures, errors. Prints what it learned as JSON.
import OpenAI, { AuthenticationError, BadRequestError, NotFoundError } from 'openai';
import { readFile } from 'node:fs/promises';

const client = new OpenAI({
  baseURL: process.env.OPENAI_BASE_URL ?? 'http://localhost:8000/v1',
  apiKey: process.env.OPENAI_API_KEY ?? 'none',
  maxRetries: 0,
});
const model = (await client.models.list()).data[0].id;

const whole = await client.chat.completions.create({
  model, messages: [{ role: 'user', content: 'What is 2+2? One word.' }], max_tokens: 10, temperature: 0,
});

let text = '', usage = null;
const stream = await client.chat.completions.create({
  model, messages: [{ role: 'user', content: 'What is 2+2? One word.' }], max_tokens: 10, temperature: 0,
  stream: true, stream_options: { include_usage: true },
});
for await (const chunk of stream) {
  text += chunk.choices[0]?.delta.content ?? '';
  usage = chunk.usage ?? usage;
}

const tools = [{
  type: 'function',
  function: { name: 'set_timer', description: 'Start a timer', parameters: { type: 'object', properties: { minutes: { type: 'integer' } }, required: ['minutes'] } },
}];
const called = await client.chat.completions.create({
  model, messages: [{ role: 'user', content: 'Remind me in 6 minutes.' }], tools, tool_choice: 'required', max_tokens: 64, temperature: 0,
});
const calledInStream = await client.chat.completions.stream({
  model, messages: [{ role: 'user', content: 'Remind me in 6 minutes.' }], tools, tool_choice: 'required', max_tokens: 64, temperature: 0,
}).finalChatCompletion();

const picture = await readFile(new URL('../../jobs/images/sample-invoice.png', import.meta.url));
const caption = await client.chat.completions.create({
  model, max_tokens: 64, temperature: 0,
  messages: [{
    role: 'user',
    content: [
      { type: 'text', text: 'Please describe this image in one sentence.' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${picture.toString('base64')}` } },
    ],
  }],
});

const errors = {};
for (const [name, ask] of Object.entries({
  badRequest: () => client.chat.completions.create({ model, messages: [{ role: 'user', content: 'hi' }], temperature: 9 }),
  unknownParameter: () => client.chat.completions.create({ model, messages: [{ role: 'user', content: 'hi' }], temprature: 1 }),
  unknownModel: () => client.models.retrieve('no-such-model'),
})) {
  try {
    await ask();
  } catch (error) {
    const kind = [AuthenticationError, BadRequestError, NotFoundError].find((known) => error instanceof known);
    errors[name] = { kind: kind?.name ?? error.constructor.name, status: error.status, code: error.code, param: error.param };
  }
}

console.log(JSON.stringify({
  whole: whole.choices[0].message.content,
  streamed: text,
  usage,
  call: called.choices[0].message.tool_calls[0].function,
  streamedCall: calledInStream.choices[0].message.tool_calls[0].function,
  finishReason: called.choices[0].finish_reason,
  caption: caption.choices[0].message.content,
  errors,
}, null, 2));
