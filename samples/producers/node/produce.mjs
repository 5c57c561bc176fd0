// produce.mjs [JOB_ID] [PROMPT]: publishes a RunJob and waits for its event.
import { randomUUID } from 'node:crypto';
import amqp from 'amqplib';

const jobExchange = 'Dray.Contracts:RunJob';
const eventExchanges = { 'Dray.Contracts:JobCompleted': 0, 'Dray.Contracts:JobFailed': 1 }; // and the exit code of each
const patience = Number(process.env.DRAY_WAIT_SECONDS ?? 600);
const [jobId = `job-${randomUUID()}`, prompt = 'Say hello'] = process.argv.slice(2);
const job = {
  job_id: jobId,
  body: { messages: [{ role: 'user', content: prompt }], max_completion_tokens: 64 },
  priority: 'normal',
  metadata: { producer: 'node' },
};

function fail(reason) {
  console.error(`No event for ${jobId}: ${reason}`);
  process.exit(4);
}

try {
  const connection = await amqp.connect(process.env.DRAY_BROKER ?? 'amqp://guest:guest@localhost:5672');
  const channel = await connection.createConfirmChannel();
  channel.on('error', error => fail(error.message));
  channel.on('return', () => fail('no queue takes the message.'));

  // Listen first: the event may come before the publish is confirmed.
  const { queue } = await channel.assertQueue('', { exclusive: true });
  for (const exchange of Object.keys(eventExchanges)) await channel.bindQueue(queue, exchange, '');
  await channel.consume(queue, delivery => {
    const event = JSON.parse(delivery.content.toString());
    if (event.job_id !== jobId) return;
    process.stdout.write(`${JSON.stringify(event)}\n`, () => process.exit(eventExchanges[delivery.fields.exchange]));
  }, { noAck: true });

  channel.publish(jobExchange, job.priority, Buffer.from(JSON.stringify(job)), {
    contentType: 'application/json', persistent: true, messageId: randomUUID(), mandatory: true,
  });
  await channel.waitForConfirms();
  console.error(`published ${jobId}`);
  setTimeout(() => fail(`none came within ${patience} s.`), patience * 1000);
} catch (error) {
  fail(error.message);
}
