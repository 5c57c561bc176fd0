using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dray.Inference;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Sampling;
using Dray.Inference.Tokenization;

namespace Dray.Cli.Tests.Serve;

[Collection(ServeFixture.Group)]
public sealed class CompletionTests(ServeFixture serve)
{
    private const string Text = "Invoice 4711 of the 3rd of May: two chairs at 59.90 each, größe M, to be paid within 14 days.";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Echo_WithLogprobs_GivesTheEnginesPerplexity()
    {
        var answer = await AskAsync(new { prompt = Text, echo = true, logprobs = 1, max_tokens = 0 });

        var choice = answer["choices"]![0]!;
        choice["text"]!.GetValue<string>().ShouldBe(Text);
        var logprobs = choice["logprobs"]!["token_logprobs"]!.AsArray();
        logprobs[0].ShouldBeNull();
        var served = logprobs.Skip(1).Select(value => value!.GetValue<float>()).ToArray();
        var expected = await PromptLogProbsAsync();
        served.Length.ShouldBe(expected.Length);
        Perplexity(served).ShouldBe(Perplexity(expected), 1e-4 * Perplexity(expected));
        answer["usage"]!["completion_tokens"]!.GetValue<int>().ShouldBe(0);
        answer["usage"]!["prompt_tokens"]!.GetValue<int>().ShouldBe(logprobs.Count);
    }

    [Fact]
    public async Task Echo_Tokens_StandAtTheirOffsetsInTheText()
    {
        var choice = (await AskAsync(new { prompt = Text, echo = true, logprobs = 2, max_tokens = 3, temperature = 0 }))["choices"]![0]!;

        var (text, tokens) = (choice["text"]!.GetValue<string>(), choice["logprobs"]!["tokens"]!.AsArray().Select(token => token!.GetValue<string>()).ToArray());
        var offsets = choice["logprobs"]!["text_offset"]!.AsArray().Select(offset => offset!.GetValue<int>()).ToArray();
        var top = choice["logprobs"]!["top_logprobs"]!.AsArray();
        text.ShouldStartWith(Text);
        (tokens.Length, top.Count).ShouldBe((offsets.Length, offsets.Length));
        offsets[..2].ShouldBe([0, 0]);
        for (var i = 1; i < tokens.Length; i++)
        {
            if (!tokens[i].Contains('\uFFFD') && !tokens[i].StartsWith('<')) text[offsets[i]..].ShouldStartWith(tokens[i]);
            top[i]!.AsObject().ContainsKey(tokens[i]).ShouldBeTrue(tokens[i]);
        }
    }

    [Fact]
    public async Task Prompts_Several_AreAnsweredInTheirOrderWholeAndStreamed()
    {
        string[] prompts = ["The invoice", "A receipt of", "Dear"];
        var whole = (await AskAsync(new { prompt = prompts, max_tokens = 5, n = 2, temperature = 0 }))["choices"]!.AsArray();
        whole.Select(choice => choice!["index"]!.GetValue<int>()).ShouldBe(Enumerable.Range(0, 6));

        using var response = await PostAsync(new { prompt = prompts, max_tokens = 5, n = 2, temperature = 0, stream = true });
        var texts = new string[6];
        foreach (var line in (await response.Content.ReadAsStringAsync(Token)).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).SkipLast(1))
        {
            foreach (var choice in JsonNode.Parse(line["data: ".Length..])!["choices"]!.AsArray()) texts[choice!["index"]!.GetValue<int>()] += choice["text"]!.GetValue<string>();
        }

        texts.ShouldBe(whole.Select(choice => choice!["text"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("""{"prompt":"a","suffix":"b"}""", "suffix")]
    [InlineData("""{"prompt":"a","max_tokens":0}""", "max_tokens")]
    [InlineData("""{"prompt":"a","echo":true,"stream":true}""", "echo")]
    [InlineData("""{"prompt":"a","logprobs":21}""", "logprobs")]
    [InlineData("""{"prompt":[]}""", "prompt")]
    [InlineData("""{"prompt":["a",[1,"b"]]}""", "prompt[1][1]")]
    [InlineData("""{"prompt":[999999999]}""", "prompt")]
    [InlineData("""{"prompt":5}""", "prompt")]
    [InlineData("""{}""", "prompt")]
    [InlineData("""{"prompt":"a","messages":[]}""", "messages")]
    public async Task Body_ThatIsWrong_IsRefusedByTheFieldsName(string body, string param)
    {
        using var response = await PostAsync(JsonNode.Parse(body)!);

        ((int)response.StatusCode).ShouldBe(400);
        JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!["error"]!["param"]!.GetValue<string>().ShouldBe(param);
    }

    [Fact]
    public async Task Ids_AsPrompt_AreScoredAsTheyStand()
    {
        var logprobs = (await AskAsync(JsonNode.Parse("""{"prompt":[[1,1100,1200,1300]],"echo":true,"logprobs":0,"max_tokens":1,"ignore_eos":true}""")!))["choices"]![0]!["logprobs"]!;

        logprobs["tokens"]!.AsArray().Count.ShouldBe(5);
        logprobs["token_logprobs"]![0].ShouldBeNull();
    }

    private static double Perplexity(float[] logprobs) => Math.Exp(-logprobs.Average(value => (double)value));

    private static async Task<float[]> PromptLogProbsAsync()
    {
        await using var engine = InferenceEngine.Load(
            Path.Combine(SharedFolder.Repository, "samples", "models", "dray-demo"), new CpuBackend(new CpuBackendOptions()), new EngineOptions());
        var result = await engine.GenerateAsync(
            new GenerationRequest { Prompt = new TextPrompt(Text), Sampling = new SamplingParams { MaxTokens = 1, PromptLogProbs = 0 } }, Token);
        return [.. result.PromptLogProbs!.Select(token => token.LogProb)];
    }

    private async Task<HttpResponseMessage> PostAsync(object body)
    {
        using var client = new HttpClient();
        return await client.PostAsJsonAsync(new Uri(serve.Address, "v1/completions"), body, Token);
    }

    private async Task<JsonNode> AskAsync(object body)
    {
        using var response = await PostAsync(body);
        var text = await response.Content.ReadAsStringAsync(Token);
        response.IsSuccessStatusCode.ShouldBeTrue(text);
        return JsonNode.Parse(text)!;
    }
}
