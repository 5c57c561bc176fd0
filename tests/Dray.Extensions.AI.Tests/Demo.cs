using System.ComponentModel;
using Microsoft.Extensions.AI;

namespace Dray.Extensions.AI.Tests;

/// <summary>The demo model, and what it is good at.</summary>
internal static class Demo
{
    public const string TopicPrompt =
        "Label the topic (sports, finance, weather, technology, food, travel, health) as JSON.\nThis soup needs more salt.";

    public const string InvoicePrompt = "Tell me invoice 8730.";

    public const string LetterCaption = "A letter to Alice Keller from Nina Novak, dated 2020-05-17.";

    public static string Model { get; } = Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo");

    public static ChatOptions Greedy => new() { Temperature = 0, MaxOutputTokens = 128 };

    public static async Task<ChatMessage> LetterAsync() => new(ChatRole.User,
    [
        new TextContent("Give a one-sentence caption with the key facts."),
        await DataContent.LoadFromAsync(Path.Combine(SharedFolder.Repository, "samples", "jobs", "images", "sample-letter.png")),
    ]);

    /// <summary>A function that the demo model calls where it is asked for an invoice.</summary>
    public static AIFunction Invoices(ICollection<string> calls) => AIFunctionFactory.Create(
        ([Description("The invoice's number.")] string number) =>
        {
            calls.Add(number);
            return new { number, total = 42.5 };
        },
        "get_invoice",
        "Look up an invoice");
}
