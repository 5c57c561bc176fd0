namespace Dray.Worker.Transport;

/// <summary>What a look at a broker shows.</summary>
/// <param name="Product">What it calls itself, such as <c>RabbitMQ</c>.</param>
/// <param name="Version">Its version, such as <c>4.1.2</c>.</param>
/// <param name="Queues">Every queue that a deployment has, those for failures included.</param>
/// <param name="Refusals">What a worker would be refused, in the broker's words, by queue.</param>
internal sealed record BrokerReport(
    string Product, string Version, IReadOnlyList<QueueDepth> Queues, IReadOnlyDictionary<string, string> Refusals);
