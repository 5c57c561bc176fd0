// Captions a picture, labels a text and calls a function through Microsoft.Extensions.AI: with the model in this process, or with
// --queue over the workers of $DRAY_BROKER and $DRAY_STORE. Only the line that makes the client differs.
using System.ComponentModel;
using Dray.Extensions.AI;
using Dray.Samples;
using Microsoft.Extensions.AI;

var samples = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));
IChatClient model = args.Contains("--queue")
    ? new QueueChatClient(
        Environment.GetEnvironmentVariable("DRAY_BROKER") ?? "amqp://guest:guest@localhost:5672",
        Environment.GetEnvironmentVariable("DRAY_STORE") ?? "UseDevelopmentStorage=true")
    : await EngineChatClient.LoadAsync(Environment.GetEnvironmentVariable("DRAY_MODEL") ?? Path.Combine(samples, "models", "dray-demo"));
using var client = model.AsBuilder().UseFunctionInvocation().Build();
var options = new ChatOptions { Temperature = 0, MaxOutputTokens = 128 };

// A picture, and the caption as it is written.
var picture = await DataContent.LoadFromAsync(Path.Combine(samples, "jobs", "images", "sample-letter.png"));
Console.Write("caption: ");
await foreach (var update in client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, [new TextContent("Give a one-sentence caption with the key facts."), picture])], options))
    Console.Write(update.Text);
Console.WriteLine();

// An answer that is an object of a type of ours.
var label = await client.GetResponseAsync<Topic>("Label the topic (sports, finance, weather, technology, food, travel, health) as JSON.\nThis soup needs more salt.", options);
Console.WriteLine($"topic: {label.Result.topic}");

// A function of ours, which the model calls.
var invoices = AIFunctionFactory.Create(
    ([Description("The invoice's number.")] string number) =>
    {
        Console.WriteLine($"invoice: {number}");
        return "It is paid.";
    },
    "get_invoice",
    "Look up an invoice");
await client.GetResponseAsync("Tell me invoice 8730.", new ChatOptions { Temperature = 0, MaxOutputTokens = 128, Tools = [invoices] });
