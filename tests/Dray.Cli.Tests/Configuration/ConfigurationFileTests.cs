using Dray.Cli.Configuration;
using Dray.Inference;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Vision;

namespace Dray.Cli.Tests.Configuration;

public sealed class ConfigurationFileTests
{
    private static readonly string Card = Path.Combine(SharedFolder.Repository, "samples", "configs", "mistral-small-24b.yaml");

    [Fact]
    public void Read_ModelCard_MapsEveryKeyAndNamesThoseThatCannotApply()
    {
        var configuration = ConfigurationFile.Read(Card, serves: false);

        configuration.Model.ShouldBe("/workspace/model");
        configuration.Engine.ShouldBe(new EngineOptions
        {
            MaxModelLen = 131072,
            MaxNumBatchedTokens = 8192,
            MaxNumSeqs = 32,
            GpuMemoryUtilization = 0.96,
            KvCacheDtype = KvCacheDataType.Fp8E4M3,
            EnablePrefixCaching = true,
            EnableChunkedPrefill = true,
            UseGenerationConfig = true,
            GenerationOverrides = new GenerationOverrides { Temperature = 0.15 },
        });
        configuration.Worker.ServedModelNames.ShouldBe(["mistral-small-3.2-24b-Instruct-AWQ-W4A16"]);
        configuration.Worker.MaxImagesPerRow.ShouldBe(4);
        configuration.KeysThatDoNotApply.ShouldBe(["host", "port", "trust_remote_code", "disable_custom_all_reduce"]);
    }

    [Fact]
    public void Read_ModelCardForAServer_AppliesHostAndPort()
    {
        var configuration = ConfigurationFile.Read(Card, serves: true);

        (configuration.Host, configuration.Port).ShouldBe(("0.0.0.0", 8000));
        configuration.KeysThatDoNotApply.ShouldBe(["trust_remote_code", "disable_custom_all_reduce"]);
    }

    [Fact]
    public void Read_OwnKeys_MapsThem()
    {
        var configuration = Read("""
            device: cpu
            threads: 3
            cpu_path: avx512-bf16
            activations: int8
            served-model-name: [one, two]
            image_orientation: ignore
            max_image_bytes: 4M
            max_image_pixels: 1_000_000
            max_rows_in_flight: 100
            row_timeout: 15m
            image_containers: pictures
            image_hosts: [images.example.org, "cdn.example.org:8443"]
            image_fetch_timeout: 5s
            enable_prefix_caching: no
            enable_chunked_prefill: off
            prefill_fill: 0.5
            max_kv_tokens: 64K
            kv_cache_dtype: auto
            max_model_len: 32k
            generation_config: vllm
            limit_mm_per_prompt: {image: 7, audio: 0}
            override_generation_config: {temperature: 0, top_p: 0.9, top_k: 40, min_p: 0.05, repetition_penalty: 1.1, max_new_tokens: 256}
            """);

        (configuration.Device, configuration.Threads).ShouldBe(("cpu", 3));
        (configuration.CpuPath, configuration.Activations).ShouldBe((CpuInstructionSet.Avx512Bf16, ActivationPrecision.Bits8));
        configuration.Worker.ServedModelNames.ShouldBe(["one", "two"]);
        configuration.Engine.Images.ShouldBe(new ImageOptions { Orientation = ImageOrientation.Ignore, MaxBytes = 4 << 20, MaxPixels = 1_000_000 });
        (configuration.Worker.MaxImageBytes, configuration.Worker.MaxImagePixels).ShouldBe((4 << 20, 1_000_000));
        (configuration.Worker.MaxImagesPerRow, configuration.Worker.MaxRowsInFlight).ShouldBe((7, 100));
        configuration.Worker.RowTimeout.ShouldBe(TimeSpan.FromMinutes(15));
        configuration.Worker.ImageContainers.ShouldBe(["pictures"]);
        configuration.Worker.ImageHosts.ShouldBe(["images.example.org", "cdn.example.org:8443"]);
        configuration.Worker.ImageFetchTimeout.ShouldBe(TimeSpan.FromSeconds(5));
        (configuration.Engine.EnablePrefixCaching, configuration.Engine.EnableChunkedPrefill, configuration.Engine.UseGenerationConfig).ShouldBe((false, false, false));
        (configuration.Engine.PrefillFill, configuration.Engine.MaxModelLen, configuration.Engine.MaxKvTokens).ShouldBe((0.5, 32_000, 65_536));
        configuration.Engine.KvCacheDtype.ShouldBe(KvCacheDataType.BFloat16);
        configuration.Engine.GenerationOverrides.ShouldBe(new GenerationOverrides
        {
            Temperature = 0, TopP = 0.9, TopK = 40, MinP = 0.05, RepetitionPenalty = 1.1, MaxNewTokens = 256,
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing but a comment\n")]
    [InlineData("max_num_seqs: null\nquantization: ~\nmodel:\n")]
    public void Read_NothingSaid_LeavesTheDefaults(string yaml)
    {
        var configuration = Read(yaml);

        configuration.Model.ShouldBeNull();
        configuration.Engine.ShouldBe(new EngineOptions());
        configuration.Worker.MaxRowsInFlight.ShouldBe(64);
    }

    [Fact]
    public void Read_ManySequences_KeepsTwiceAsManyRowsInFlight() => Read("max_num_seqs: 256").Worker.MaxRowsInFlight.ShouldBe(512);

    [Fact]
    public void Read_RelativeModel_IsBesideTheFile()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["dray.yaml"], "model: models/one");

        ConfigurationFile.Read(folder["dray.yaml"], serves: false).Model.ShouldBe(folder["models", "one"]);
    }

    [Theory]
    [InlineData("image_hosts: https://example.org/", "image_hosts is https://example.org/, but a host is written without scheme and path, and with a port only if it isn't 443: images.example.org.")]
    [InlineData("tensor_parallel_size: 2", "tensor_parallel_size is 2, but Dray runs a model on one device; set it to 1, and start a worker for each device.")]
    [InlineData("quantization: bitsandbytes", "quantization is bitsandbytes, but Dray reads AutoRound checkpoints and those packed as GPTQ and AWQ do; leave it out or write auto_round or auto-round or gptq or awq.")]
    [InlineData("tokenizer_mode: slow", "tokenizer_mode is slow, but Dray reads tekken.json; leave it out or write mistral or auto.")]
    [InlineData("config_format: gguf", "config_format is gguf, but Dray reads params.json and config.json, whichever there is; leave it out or write mistral or hf or auto.")]
    [InlineData("load_format: gguf", "load_format is gguf, but Dray reads safetensors; leave it out or write auto or safetensors or mistral.")]
    [InlineData("dtype: float16", "dtype is float16, but Dray keeps the checkpoint's weights as they are and adds up in float32; leave it out or write auto or bfloat16.")]
    [InlineData("tool_call_parser: hermes", "tool_call_parser is hermes, but Dray reads Mistral's tool calls; leave it out or write mistral.")]
    [InlineData("generation_config: /some/folder", "generation_config is /some/folder, but generation_config.json is read from the model's folder only; write auto for it, or vllm to leave its sampling out.")]
    [InlineData("kv_cache_dtype: fp4", "kv_cache_dtype is fp4, but it must be auto, fp8_e4m3, bf16 or fp32.")]
    [InlineData("max_num_seqs: many", "max_num_seqs is many, but it must be a whole number from 1 to 4096.")]
    [InlineData("max_num_seqs: 2.5", "max_num_seqs is 2.5, but it must be a whole number from 1 to 4096.")]
    [InlineData("max_num_seqs: 0", "max_num_seqs is 0, but it must be a whole number from 1 to 4096.")]
    [InlineData("max_num_seqs: 999999999999999999999999999999", "max_num_seqs is 999999999999999999999999999999, but it must be a whole number from 1 to 4096.")]
    [InlineData("max_num_seqs: [1]", "max_num_seqs is a list, but it must be a whole number from 1 to 4096.")]
    [InlineData("max_num_seqs: {a: 1}", "max_num_seqs is a mapping, but it must be a whole number from 1 to 4096.")]
    [InlineData("gpu_memory_utilization: 1.5", "gpu_memory_utilization is 1.5, but it must be a number from 0.01 to 1.")]
    [InlineData("gpu_memory_utilization: NaN", "gpu_memory_utilization is NaN, but it must be a number from 0.01 to 1.")]
    [InlineData("enable_prefix_caching: 1", "enable_prefix_caching is 1, but it must be true or false.")]
    [InlineData("served_model_name: []", "served_model_name is a list, but it must be a text of 1 to 4096 characters.")]
    [InlineData("served_model_name: [{a: 1}]", "served_model_name is a list, but it must be a text of 1 to 4096 characters or a list of such texts.")]
    [InlineData("device: abacus", "device is abacus, but it must be auto, cpu, cuda or opencl, or a numbered one such as cuda:1.")]
    [InlineData("cpu_path: sse2", "cpu_path is sse2, but it must be portable, avx2, avx512, avx512-vnni, avx512-bf16 or amx.")]
    [InlineData("activations: int4", "activations is int4, but it must be bf16 or int8.")]
    [InlineData("row_timeout: 5 days", "row_timeout is 5 days, but it must be a time such as 90, 90s, 15m, 2h or 7d, above zero and at most 168h.")]
    [InlineData("row_timeout: 0", "row_timeout is 0, but it must be a time such as 90, 90s, 15m, 2h or 7d, above zero and at most 168h.")]
    [InlineData("row_timeout: 1e9h", "row_timeout is 1e9h, but it must be a time such as 90, 90s, 15m, 2h or 7d, above zero and at most 168h.")]
    [InlineData("liveness_timeout: 25h", "liveness_timeout is 25h, but it must be a time such as 90, 90s, 15m, 2h or 7d, above zero and at most 24h.")]
    [InlineData(
        "webhook_url: http://hooks.example.org/x",
        "webhook_url is http://hooks.example.org/x, but it must be an https URL without user and password (http only for this machine itself, such as http://localhost:8080/hook).")]
    [InlineData("limit_mm_per_prompt: 4", "limit_mm_per_prompt is 4, but it must be a mapping of keys to values.")]
    [InlineData("limit_mm_per_prompt: {image: -1}", "limit_mm_per_prompt.image is -1, but it must be a whole number from 0 to 1024.")]
    [InlineData("limit_mm_per_prompt: {video: 1}", "limit_mm_per_prompt.video is 1, but Dray reads text and pictures only; set it to 0 or leave it out.")]
    [InlineData("override_generation_config: {temperature: 3}", "override_generation_config.temperature is 3, but it must be a number from 0 to 2.")]
    [InlineData("port: 65536", "port is 65536, but it must be a whole number from 0 to 65535.")]
    public void Read_ValueThatIsRefused_SaysWhereAndWhatToWrite(string line, string sentence) =>
        Refusal($"# a comment\n{line}\n", serves: true).ShouldEndWith($".yaml, line 2: {sentence}");

    [Fact]
    public void Read_Webhook_SetsTheWorkersOptionsAndResolvesTheSecretsFile()
    {
        var worker = Read("webhook_url: https://hooks.example.org/x\nwebhook_secret_file: secrets/hook\nwebhook_progress: true\nliveness_timeout: 10m\n").Worker;

        (worker.WebhookUrl, worker.WebhookProgress, worker.LivenessTimeout)
            .ShouldBe(("https://hooks.example.org/x", true, TimeSpan.FromMinutes(10)));
        Path.IsPathRooted(worker.WebhookSecretFile).ShouldBeTrue();
        worker.WebhookSecretFile.ShouldEndWith(Path.Combine("secrets", "hook"));
    }

    [Fact]
    public void Read_EndlessText_IsRefusedWithoutRepeatingIt() =>
        Refusal($"model: {new string('x', 100_000)}").ShouldEndWith($"model is {new string('x', 64)}..., but it must be a text of 1 to 4096 characters.");

    [Fact]
    public void Read_AutoToolChoiceOff_IsRefused() => Refusal("enable_auto_tool_choice: false").ShouldContain("set it to true");

    [Theory]
    [InlineData("max_num_seq: 1", "there is no key max_num_seq; did you mean max_num_seqs?")]
    [InlineData("max_model_length: 1", "there is no key max_model_length; did you mean max_model_len?")]
    [InlineData("enable_prefix_cacheing: true", "there is no key enable_prefix_cacheing; did you mean enable_prefix_caching?")]
    [InlineData("kv_cahce_dtype: fp8", "there is no key kv_cahce_dtype; did you mean kv_cache_dtype?")]
    [InlineData("Model: x", "there is no key Model; did you mean model?")]
    [InlineData("trust_remote_cod: true", "there is no key trust_remote_cod; did you mean trust_remote_code?")]
    [InlineData("weather: fine", "there is no key weather; leave it out.")]
    [InlineData("override_generation_config: {temprature: 1}", "there is no key override_generation_config.temprature; did you mean override_generation_config.temperature?")]
    [InlineData("limit_mm_per_prompt: {smell: 1}", "there is no key limit_mm_per_prompt.smell; the keys are limit_mm_per_prompt.image, limit_mm_per_prompt.audio, limit_mm_per_prompt.video.")]
    public void Read_UnknownKey_NamesTheNearest(string line, string sentence) => Refusal($"max_num_seqs: 1\n{line}").ShouldEndWith($".yaml, line 2: {sentence}");

    [Fact]
    public void Read_EntryOfAMapping_IsNamedWithItsOwnLine() =>
        Refusal("override_generation_config:\n  top_p: 0.5\n  temperature: hot").ShouldContain("line 3: override_generation_config.temperature is hot");

    [Fact]
    public void Page_EveryKey_IsDocumented()
    {
        var page = File.ReadAllText(Path.Combine(SharedFolder.Repository, "samples", "configs", "README.md"));

        ConfigurationKeys.Names.ShouldNotBeEmpty();
        foreach (var key in ConfigurationKeys.Names) page.ShouldContain($"`{key}`");
    }

    [Fact]
    public void Read_UnreadableFile_NamesIt() =>
        Should.Throw<CommandException>(() => ConfigurationFile.Read("no-such.yaml", serves: false)).Message.ShouldStartWith("The configuration no-such.yaml can't be read: ");

    private static DrayConfiguration Read(string yaml, bool serves = false)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["dray.yaml"], yaml);
        var configuration = ConfigurationFile.Read(folder["dray.yaml"], serves);
        configuration.Complete();
        return configuration;
    }

    private static string Refusal(string yaml, bool serves = false)
    {
        var refusal = Should.Throw<CommandException>(() => Read(yaml, serves));
        refusal.ExitCode.ShouldBe(2);
        return refusal.Message;
    }
}
