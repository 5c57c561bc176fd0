using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Dray.Quantization.Evaluation;

namespace Dray.Cli.Terminal;

/// <summary>A divergence along generated text, as text or JSON.</summary>
internal static class GenerationKldText
{
    public static JsonObject ToJson(GenerationKldReport report) => new()
    {
        ["gen"] = report.Steps,
        ["prompts_per_length"] = report.Lengths[0].Prompts.Count,
        ["lengths"] = new JsonObject(report.Lengths.Select(length => KeyValuePair.Create<string, JsonNode?>(
            length.PromptLength.ToString(CultureInfo.InvariantCulture), ToJson(length)))),
    };

    public static string Describe(GenerationKldReport report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"| prompt tokens | KL divergence right after the prompt | mean of {report.Steps} steps | mean of the later ones | same top token |\n");
        text.Append("| ---: | ---: | ---: | ---: | ---: |");
        foreach (var length in report.Lengths)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n| {length.PromptLength} | {length.Step0:F4} | {length.Mean:F4} | {length.LaterMean:F4} | {length.SameTopPercent:F2} % |");
        }

        return text.ToString();
    }

    private static JsonObject ToJson(GenerationKldLength length) => new()
    {
        ["step0"] = length.Step0,
        ["mean"] = length.Mean,
        ["later_mean"] = length.LaterMean,
        ["same_top_p"] = length.SameTopPercent,
        ["steps"] = new JsonArray([.. length.Steps.Select(step => JsonValue.Create(step))]),
        ["prompts"] = new JsonArray([.. length.Prompts.Select(ToJson)]),
    };

    private static JsonObject ToJson(GenerationKldPrompt prompt) => new()
    {
        ["generated"] = new JsonArray([.. prompt.Generated.Select(token => JsonValue.Create(token))]),
        ["top2_gap"] = new JsonArray([.. prompt.Gaps.Select(gap => JsonValue.Create(gap))]),
        ["kld"] = new JsonArray([.. prompt.Steps.Select(step => JsonValue.Create(step.Full))]),
        ["same_top"] = new JsonArray([.. prompt.Steps.Select(step => JsonValue.Create(step.SameTop))]),
    };
}
