// Files and batches with OpenAI's own client for Node against `dray serve`. Prints what it learned as JSON.
import OpenAI, { toFile } from 'openai';
import { setTimeout } from 'node:timers/promises';

const client = new OpenAI({
  baseURL: process.env.OPENAI_BASE_URL ?? 'http://localhost:8000/v1',
  apiKey: process.env.OPENAI_API_KEY ?? 'none',
  maxRetries: 0,
});
const row = (custom_id, content, max_tokens = 10) => JSON.stringify({
  custom_id, method: 'POST', url: '/v1/chat/completions', body: { messages: [{ role: 'user', content }], max_tokens },
});
const upload = async (rows) => client.files.create({ file: await toFile(Buffer.from(rows.join('\n')), 'rows.jsonl'), purpose: 'batch' });
const create = (input_file_id) => client.batches.create({ input_file_id, endpoint: '/v1/chat/completions', completion_window: '24h' });
const finish = async (id) => {
  for (;;) {
    const batch = await client.batches.retrieve(id);
    if (['completed', 'failed', 'expired', 'cancelled'].includes(batch.status)) return batch;
    await setTimeout(100);
  }
};

const file = await upload([row('sum', 'What is 2+2? One word.'), row('capital', 'What is the capital of France?')]);
const done = await finish((await create(file.id)).id);
const output = await (await client.files.content(done.output_file_id)).text();
const isIn = async (pages, id) => {
  for await (const one of pages) if (one.id === id) return true;
  return false;
};

const long = await upload(Array.from({ length: 300 }, (_, i) => row(`row-${i}`, `Count to ${i}.`, 64)));
const stopped = await create(long.id);
await client.batches.cancel(stopped.id);

const errors = {};
for (const [name, ask] of Object.entries({
  missingFile: () => client.files.retrieve('file-none'),
  missingBatch: () => client.batches.retrieve('batch_none'),
  wrongEndpoint: () => client.batches.create({ input_file_id: file.id, endpoint: '/v1/embeddings', completion_window: '24h' }),
  wrongPurpose: async () => client.files.create({ file: await toFile(Buffer.from('{}'), 'a.png'), purpose: 'vision' }),
})) {
  try {
    await ask();
  } catch (error) {
    errors[name] = error.constructor.name + (error.status === 400 ? `:${error.param}` : '');
  }
}

console.log(JSON.stringify({
  file,
  status: done.status,
  inputIsTheFile: done.input_file_id === file.id,
  rows: output.trim().split('\n').map((line) => JSON.parse(line).custom_id),
  isListed: await isIn(client.batches.list({ limit: 1 }), done.id),
  fileIsListed: await isIn(client.files.list({ limit: 1 }), file.id),
  cancelled: (await finish(stopped.id)).status,
  deleted: (await client.files.delete(file.id)).deleted,
  errors,
}, null, 2));
