using System.Text.Json;
using Dray.Inference.Tokenization;

namespace Dray.Inference.Tests.Tokenization;

/// <summary>Every chat that mistral-common was asked to encode: the same ids, or a refusal that starts with its words.</summary>
public sealed class ChatConformanceTests
{
    [Fact]
    public void Encode_EveryGoldenRequest_GivesUpstreamsIds()
    {
        var encoder = new ChatEncoder(Tokenizers.Full);
        var encoded = 0;
        foreach (var row in GoldenFile.Rows("chat", "chat.jsonl"))
        {
            if (Expected(row) is not { } expected || !expected.TryGetProperty("ids", out var ids)) continue;
            var name = row.GetProperty("name").GetString();
            var request = ChatRequest.Parse(row.GetProperty("request"));
            var images = expected.GetProperty("images").EnumerateArray()
                .Select(image => new ImageGrid(image.GetProperty("cols").GetInt32(), image.GetProperty("rows").GetInt32())).ToArray();

            var prompt = encoder.Encode(request, images);

            prompt.Ids.ShouldBe(ids.Ints(), name);
            Tokenizers.Full.Decode(prompt.Ids, SpecialTokenPolicy.Keep).ShouldBe(expected.GetProperty("text").GetString(), name);
            request.ImageUrls.Count.ShouldBe(expected.GetProperty("image_count").GetInt32(), name);
            prompt.Images.Select(image => image.Grid).ShouldBe(images, name);
            foreach (var image in prompt.Images) CheckImage(prompt.Ids, image);
            encoded++;
        }

        encoded.ShouldBeGreaterThan(120);
    }

    [Fact]
    public void Encode_EveryRefusedGoldenRequest_IsRefusedInUpstreamsWords()
    {
        var encoder = new ChatEncoder(Tokenizers.Full);
        var refused = 0;
        foreach (var row in GoldenFile.Rows("chat", "chat.jsonl"))
        {
            var name = row.GetProperty("name").GetString()!;
            var error = Expected(row) is { } expected
                ? expected.TryGetProperty("error", out var vllm) ? vllm : default
                : row.GetProperty("error");
            if (error.ValueKind == JsonValueKind.Undefined || IsAboutPixels(name, error)) continue;

            var refusal = Should.Throw<RequestRejectedException>(
                () =>
                {
                    var request = ChatRequest.Parse(row.GetProperty("request"));
                    encoder.Encode(request, [.. request.ImageUrls.Select(_ => new ImageGrid(1, 1))]);
                },
                name);

            refusal.Code.ShouldBe(RequestErrorCodes.InvalidRequest);
            refusal.Param.ShouldNotBeNull(name);
            var message = error.GetProperty("message").GetString()!;
            if (message.StartsWith("Invalid assistant message", StringComparison.Ordinal)) message = "Invalid assistant message";
            if (!error.TryGetProperty("match_message", out var match) || match.GetBoolean()) refusal.Message.ShouldStartWith(message);
            refused++;
        }

        refused.ShouldBeGreaterThan(50);
    }

    /// <summary>vLLM's answer where it differs from mistral-common's.</summary>
    private static JsonElement? Expected(JsonElement row) =>
        row.TryGetProperty("vllm_expected", out var vllm) ? vllm : row.TryGetProperty("expected", out var expected) ? expected : null;

    /// <summary>Pictures are fetched and decoded elsewhere, before the encoder.</summary>
    private static bool IsAboutPixels(string name, JsonElement error) =>
        name.StartsWith("image/", StringComparison.Ordinal) && error.GetProperty("stage").GetString() == "encode";

    private static void CheckImage(int[] ids, ImageSpan image)
    {
        var span = ids.AsSpan(image.Start, image.Grid.PromptTokens);
        span.Count(Tokenizers.Full.Special("[IMG]")).ShouldBe(image.Grid.Columns * image.Grid.Rows);
        span.Count(Tokenizers.Full.Special("[IMG_BREAK]")).ShouldBe(image.Grid.Rows - 1);
        span[^1].ShouldBe(Tokenizers.Full.Special("[IMG_END]"));
    }
}
