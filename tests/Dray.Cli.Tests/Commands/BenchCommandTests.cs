using System.Text.Json;
using Dray.Inference.Compute.Cpu;

namespace Dray.Cli.Tests.Commands;

public sealed class BenchCommandTests
{
    [Fact]
    public async Task Throughput_TwoLevels_PrintsTheContractsKeys()
    {
        var run = await CommandRun.Of("bench", "throughput", "--concurrency", "1,3", "--requests", "4", "--max-tokens", "5", "--prompt-tokens", "40", "--max-model-len", "1024", "--json");

        run.ExitCode.ShouldBe(0, run.Error);
        var levels = JsonElement.Parse(run.Output).GetProperty("results").EnumerateArray().ToArray();
        levels.Select(level => level.GetProperty("concurrency").GetInt32()).ShouldBe([1, 3]);
        foreach (var level in levels)
        {
            (level.GetProperty("success").GetInt32(), level.GetProperty("requests").GetInt32()).ShouldBe((4, 4));
            (level.GetProperty("completion_tokens").GetInt32(), level.GetProperty("prompt_tokens").GetInt32()).ShouldBe((20, 160));
            foreach (var key in new[] { "aggregate_tok_s", "prompt_tok_s" }) level.GetProperty(key).GetDouble().ShouldBePositive();
            foreach (var key in new[] { "avg", "min", "max", "p50", "p95", "p99" }) level.GetProperty("latency").GetProperty(key).GetDouble().ShouldBePositive();
            level.GetProperty("per_request").GetProperty("max").GetDouble().ShouldBeGreaterThanOrEqualTo(level.GetProperty("per_request").GetProperty("min").GetDouble());
        }
    }

    [Fact]
    public async Task Throughput_WithoutJson_PrintsATable()
    {
        var run = await CommandRun.Of("bench", "throughput", "--concurrency", "2", "--requests", "2", "--max-tokens", "2", "--max-model-len", "1024");

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldContain("| concurrency | success |");
        run.Output.ShouldContain("| 2 | 2 of 2 |");
    }

    [Theory]
    [InlineData("--concurrency", "one", "--concurrency is 'one', but it must be numbers with commas between them, such as 1,8,32.")]
    [InlineData("--concurrency", "0", "The concurrency is '0', but it must be numbers from 1 to 4096.")]
    [InlineData("--requests", "0", "The number of requests is 0, but it must be from 1 to 1000000.")]
    [InlineData("--max-tokens", "0", "The tokens to generate are 0, but every request must make at least 1.")]
    [InlineData("--prompt-tokens", "3", "A prompt takes 3 tokens for the chat format alone, but is to have 3; give at least 4.")]
    public async Task Throughput_WrongNumber_ExitsWithASentence(string option, string value, string sentence)
    {
        var run = await CommandRun.Of("bench", "throughput", option, value);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldBe($"dray: {sentence}\n");
    }

    [Fact]
    public async Task Throughput_LongerThanTheContext_SaysWhatToLower()
    {
        var run = await CommandRun.Of("bench", "throughput", "--prompt-tokens", "900", "--max-tokens", "200", "--max-model-len", "1024");

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("lower --prompt-tokens or --max-tokens");
    }

    [Fact]
    public async Task Layers_DemoShape_PrintsTheContractsKeys()
    {
        var run = await CommandRun.Of(
            "bench", "layers", "--shape", "demo", "--layers", "1", "--pp", "20", "--tg", "2", "--parallel", "1,3", "--prefill", "50", "--repeat", "1", "--threads", "2", "--json");

        run.ExitCode.ShouldBe(0, run.Error);
        var json = JsonElement.Parse(run.Output);
        foreach (var key in new[] { "pp_tok_s", "tg_tok_s", "prefill_50_tok_s", "read_gb_s", "peak_gflops", "pp_share_of_peak", "tg_share_of_reads" })
            json.GetProperty(key).GetDouble().ShouldBePositive(key);
        json.GetProperty("parallel").EnumerateObject().Select(level => level.Name).ShouldBe(["1", "3"]);
        foreach (var level in json.GetProperty("parallel").EnumerateObject()) level.Value.GetDouble().ShouldBePositive(level.Name);

        // 4 bits a code and 16 or 32 for the scale of each group of 128; a head of 4096 in bf16.
        const long weights = 384 * (640 + 384 + (3 * 1024)), head = 4096 * 384 * 2;
        json.GetProperty("weight_bytes_per_token").GetInt64().ShouldBeInRange(head + (weights * 33 / 64), head + (weights * 34 / 64));
        (json.GetProperty("threads").GetInt32(), json.GetProperty("activations").GetString()).ShouldBe((2, "bf16"));
        json.GetProperty("path").GetString().ShouldStartWith("cpu-");
        json.GetProperty("cpu").GetString().ShouldNotBeNullOrWhiteSpace();
        run.Error.ShouldContain("Measuring: 3 prompts of 50 tokens together");
    }

    [Fact]
    public async Task Layers_WithoutJson_PrintsATable()
    {
        var run = await CommandRun.Of(
            "bench", "layers", "--shape", "demo", "--layers", "1", "--pp", "4", "--tg", "1", "--parallel", "2", "--prefill", "0", "--repeat", "1");

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldContain("| prompt of 4 (pp4) |");
        run.Output.ShouldContain("| 2 sequences decoding together |");
        run.Output.ShouldNotContain("tokens together");
    }

    [Theory]
    [InlineData("--shape", "7b", "The shape is '7b', but it must be 24b or demo.")]
    [InlineData("--layers", "41", "The number of layers of the shape 24b is 41, but it must be from 1 to 40.")]
    [InlineData("--pp", "0", "The number of tokens of a prompt is 0, but it must be from 1 to 32768.")]
    [InlineData("--tg", "0", "The number of tokens to decode is 0, but it must be from 1 to 16384.")]
    [InlineData("--prefill", "-1", "The number of tokens of the batch of prompts is -1, but it must be from 0 to 65536.")]
    [InlineData("--parallel", "8,0", "The sequences that decode together are '8,0', but they must be numbers from 1 to 1024.")]
    [InlineData("--parallel", "8;32", "--parallel is '8;32', but it must be numbers with commas between them, such as 1,8,32.")]
    [InlineData("--repeat", "0", "The number of repeats is 0, but it must be from 1 to 1000.")]
    [InlineData("--threads", "0", "--threads is 0, but it must be a whole number from 1 to 1024.")]
    [InlineData("--activations", "int4", "--activations is 'int4', but it must be bf16 or int8.")]
    [InlineData("--cpu-path", "sse2", "--cpu-path is 'sse2', but it must be one of portable, avx2, avx512, avx512-vnni, avx512-bf16, amx.")]
    public async Task Layers_WrongValue_ExitsWithASentence(string option, string value, string sentence)
    {
        var run = await CommandRun.Of("bench", "layers", option, value);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldBe($"dray: {sentence}\n");
    }

    [Fact]
    public async Task Kernels_DemoShape_PrintsTheContractsKeys()
    {
        var run = await CommandRun.Of("bench", "kernels", "--shape", "demo", "--m", "1,3", "--layers", "2", "--json");

        run.ExitCode.ShouldBe(0, run.Error);
        var json = JsonElement.Parse(run.Output);
        foreach (var key in new[] { "read_gb_s", "peak_gflops" }) json.GetProperty(key).GetDouble().ShouldBePositive(key);
        var results = json.GetProperty("results").EnumerateArray().ToArray();
        results.Select(result => $"{result.GetProperty("matrix").GetString()} {result.GetProperty("m").GetInt32()}")
            .ShouldBe(["qkv 1", "qkv 3", "o 1", "o 3", "gate_up 1", "gate_up 3", "down 1", "down 3", "lm_head 1", "lm_head 3"]);
        foreach (var result in results)
        {
            foreach (var key in new[] { "tok_s", "gflops", "weight_gb_s" }) result.GetProperty(key).GetDouble().ShouldBePositive(key);
            result.GetProperty("layers").GetInt32().ShouldBe(2);
        }
    }

    [Fact]
    public async Task Kernels_WithoutJson_PrintsATable()
    {
        var run = await CommandRun.Of("bench", "kernels", "--shape", "demo", "--m", "2", "--layers", "1", "--threads", "1");

        run.ExitCode.ShouldBe(0, run.Error);
        run.Output.ShouldContain("| gate_up (2048 x 384) | 1 | 2 |");
    }

    [Theory]
    [InlineData("--shape", "", "The shape is '', but it must be 24b or demo.")]
    [InlineData("--m", "1,65537", "The rows are '1,65537', but they must be numbers from 1 to 65536.")]
    [InlineData("--m", "", "--m is '', but it must be numbers with commas between them, such as 1,8,32.")]
    [InlineData("--layers", "0", "The number of layers of the shape 24b is 0, but it must be from 1 to 40.")]
    public async Task Kernels_WrongValue_ExitsWithASentence(string option, string value, string sentence)
    {
        var run = await CommandRun.Of("bench", "kernels", option, value);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldBe($"dray: {sentence}\n");
    }

    [Fact]
    public async Task Kernels_Int8Activations_RunWhereIntegersAreMultipliedElseAreRefused()
    {
        using var backend = new CpuBackend();

        var run = await CommandRun.Of("bench", "kernels", "--shape", "demo", "--m", "1", "--layers", "1", "--activations", "int8", "--json");

        if (backend.InstructionSet < CpuInstructionSet.Avx512Vnni)
        {
            run.ExitCode.ShouldBe(2);
            run.Error.ShouldContain("dray: The activations are int8, but the CPU path ");
            return;
        }

        run.ExitCode.ShouldBe(0, run.Error);
        JsonElement.Parse(run.Output).GetProperty("activations").GetString().ShouldBe("int8");
    }
}
