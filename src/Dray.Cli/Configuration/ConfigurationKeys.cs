using Dray.Inference;
using Dray.Inference.Compute;
using Dray.Inference.Compute.Cpu;
using Dray.Inference.Vision;
using Dray.Worker;
using Dray.Worker.Events;
using Dray.Worker.Http;
using Setter = System.Action<Dray.Cli.Configuration.DrayConfiguration, Dray.Cli.Configuration.ConfigurationValue>;

namespace Dray.Cli.Configuration;

/// <summary>
/// Every key: vLLM's by their names and meanings, and Dray's own. Values that say what Dray does anyway are accepted, others refused.
/// </summary>
internal static class ConfigurationKeys
{
    private static readonly TimeSpan LongestRow = TimeSpan.FromDays(7);
    private static readonly TimeSpan LongestConsumerTimeout = TimeSpan.FromDays(7);
    private static readonly TimeSpan LongestDrain = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestStep = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestImageFetch = TimeSpan.FromHours(1);

    private static readonly Dictionary<string, Setter> Setters = new()
    {
        ["model"] = (to, value) => to.Model = value.Text(),
        ["served_model_name"] = (to, value) => to.Worker.ServedModelNames = value.Texts(),
        ["broker"] = (to, value) => to.Broker = value.Text(),
        ["store"] = (to, value) => to.Store = value.Text(),
        ["broker_ca_file"] = (to, value) => to.BrokerCaFile = value.Text(),
        ["broker_certificate_file"] = (to, value) => to.BrokerCertificateFile = value.Text(),
        ["consumer_timeout"] = (to, value) => to.ConsumerTimeout = value.Duration(LongestConsumerTimeout),
        ["chunk_time"] = (to, value) => to.Worker.ChunkTime = value.Duration(LongestConsumerTimeout),
        ["chunk_rows"] = (to, value) => to.Worker.ChunkRows = value.Integer<WorkerOptions>(nameof(WorkerOptions.ChunkRows)),
        ["chunk_tokens"] = (to, value) => to.Worker.ChunkTokens = value.Integer(1, int.MaxValue),
        ["concurrent_chunks"] = (to, value) =>
            to.Worker.ConcurrentChunks = value.Integer<WorkerOptions>(nameof(WorkerOptions.ConcurrentChunks)),
        ["drain_timeout"] = (to, value) => to.Worker.DrainTimeout = value.Duration(LongestDrain),
        ["max_rows"] = (to, value) => to.Worker.MaxRows = value.Integer<WorkerOptions>(nameof(WorkerOptions.MaxRows)),
        ["max_line_bytes"] = (to, value) => to.Worker.MaxLineBytes = value.Integer<WorkerOptions>(nameof(WorkerOptions.MaxLineBytes)),
        ["host"] = (to, value) => to.Host = value.Text(),
        ["schedules"] = (to, value) => to.Schedules = ScheduleKeys.Read(value, to.Folder),
        ["port"] = (to, value) => to.Port = value.Integer(0, 65535),
        ["http"] = (to, value) => to.ServesHttp = value.Flag(),
        ["max_http_requests"] = (to, value) => to.Http.MaxRequests = value.Integer<HttpApiOptions>(nameof(HttpApiOptions.MaxRequests)),
        ["max_request_bytes"] = (to, value) => to.Http.MaxRequestBytes = value.Integer<HttpApiOptions>(nameof(HttpApiOptions.MaxRequestBytes)),
        ["max_request_bytes_total"] = (to, value) => to.Http.MaxRequestBytesTotal = value.Integer<HttpApiOptions>(nameof(HttpApiOptions.MaxRequestBytesTotal)),
        ["max_file_bytes"] = (to, value) => to.Http.MaxFileBytes = value.Integer<HttpApiOptions>(nameof(HttpApiOptions.MaxFileBytes)),
        ["api_keys_file"] = (to, value) => to.Http.ApiKeysFile = value.Text(),
        ["cors_origins"] = (to, value) => to.Http.CorsOrigins = CorsOrigins(value),

        ["max_model_len"] = Engine((engine, value) => engine with
        {
            MaxModelLen = value.Integer<EngineOptions>(nameof(EngineOptions.MaxModelLen)),
        }),
        ["max_num_batched_tokens"] = Engine((engine, value) => engine with
        {
            MaxNumBatchedTokens = value.Integer<EngineOptions>(nameof(EngineOptions.MaxNumBatchedTokens)),
        }),
        ["max_num_seqs"] = Engine((engine, value) => engine with
        {
            MaxNumSeqs = value.Integer<EngineOptions>(nameof(EngineOptions.MaxNumSeqs)),
        }),
        ["gpu_memory_utilization"] = Engine((engine, value) => engine with
        {
            GpuMemoryUtilization = value.Number<EngineOptions>(nameof(EngineOptions.GpuMemoryUtilization)),
        }),
        ["enable_prefix_caching"] = Engine((engine, value) => engine with { EnablePrefixCaching = value.Flag() }),
        ["enable_chunked_prefill"] = Engine((engine, value) => engine with { EnableChunkedPrefill = value.Flag() }),
        ["kv_cache_dtype"] = Engine((engine, value) => engine with { KvCacheDtype = KvCacheType(value) }),
        ["limit_mm_per_prompt"] = LimitPerPrompt,
        ["generation_config"] = Engine((engine, value) => engine with { UseGenerationConfig = GenerationConfig(value) }),
        ["override_generation_config"] = GenerationKeys.Set,

        ["tensor_parallel_size"] = OneDevice,
        ["pipeline_parallel_size"] = OneDevice,
        ["data_parallel_size"] = OneDevice,
        ["quantization"] = (_, value) => Agree(
            value, "Dray reads AutoRound checkpoints and those packed as GPTQ and AWQ do", "auto_round", "auto-round", "gptq", "awq"),
        ["tokenizer_mode"] = (_, value) => Agree(value, "Dray reads tekken.json", "mistral", "auto"),
        ["config_format"] = (_, value) => Agree(
            value, "Dray reads params.json and config.json, whichever there is", "mistral", "hf", "auto"),
        ["load_format"] = (_, value) => Agree(value, "Dray reads safetensors", "auto", "safetensors", "mistral"),
        ["dtype"] = (_, value) => Agree(
            value, "Dray keeps the checkpoint's weights as they are and adds up in float32", "auto", "bfloat16"),
        ["tool_call_parser"] = (_, value) => Agree(value, "Dray reads Mistral's tool calls", "mistral"),
        ["enable_auto_tool_choice"] = (_, value) =>
        {
            if (value.Flag()) return;
            throw value.Refuse(
                "Dray always finds the tool calls of an answer; leave the key out or set it to true, and send rows without \"tools\" where no " +
                "call is wanted");
        },

        ["device"] = (to, value) => to.Device = value.Device(),
        ["threads"] = (to, value) => to.Threads = value.Integer(1, CpuBackendOptions.MaxThreads),
        ["cpu_path"] = (to, value) =>
            to.CpuPath = CpuInstructionSets.TryParse(value.OneOf([.. CpuInstructionSets.Names]), out var path) ? path : null,
        ["activations"] = (to, value) =>
            to.Activations = ActivationPrecisions.TryParse(value.OneOf([.. ActivationPrecisions.Names]), out var precision) ? precision.Value : default,
        ["weight_cache"] = (to, value) => to.WeightCache = value.Text(),
        ["image_orientation"] = Images((images, value) => images with { Orientation = Orientation(value) }),
        ["max_image_bytes"] = (to, value) =>
        {
            to.Worker.MaxImageBytes = value.Integer<WorkerOptions>(nameof(WorkerOptions.MaxImageBytes));
            to.Engine = to.Engine with { Images = to.Engine.Images with { MaxBytes = to.Worker.MaxImageBytes } };
        },
        ["max_image_pixels"] = (to, value) =>
        {
            to.Worker.MaxImagePixels = value.Integer<WorkerOptions>(nameof(WorkerOptions.MaxImagePixels));
            to.Engine = to.Engine with { Images = to.Engine.Images with { MaxPixels = to.Worker.MaxImagePixels } };
        },
        ["image_containers"] = (to, value) => to.Worker.ImageContainers = value.Texts(),
        ["image_hosts"] = (to, value) => to.Worker.ImageHosts = ImageHosts(value),
        ["image_fetch_timeout"] = (to, value) => to.Worker.ImageFetchTimeout = value.Duration(LongestImageFetch),
        ["max_kv_tokens"] = Engine((engine, value) => engine with
        {
            MaxKvTokens = value.Integer<EngineOptions>(nameof(EngineOptions.MaxKvTokens)),
        }),
        ["prefill_fill"] = Engine((engine, value) => engine with
        {
            PrefillFill = value.Number<EngineOptions>(nameof(EngineOptions.PrefillFill)),
        }),
        ["max_rows_in_flight"] = (to, value) => to.MaxRowsInFlight = value.Integer<WorkerOptions>(nameof(WorkerOptions.MaxRowsInFlight)),
        ["row_timeout"] = (to, value) => to.Worker.RowTimeout = value.Duration(LongestRow),
        ["liveness_timeout"] = (to, value) => to.Worker.LivenessTimeout = value.Duration(LongestStep),
        ["webhook_url"] = (to, value) => to.Worker.WebhookUrl =
            WebhookUrlAttribute.IsAllowed(value.Text()) ? value.Text() : throw value.Wrong(WebhookUrlAttribute.Rule),
        ["webhook_secret_file"] = (to, value) => to.Worker.WebhookSecretFile = value.Text(),
        ["webhook_progress"] = (to, value) => to.Worker.WebhookProgress = value.Flag(),
    };

    // vLLM's keys that change no answer, for parts that Dray doesn't have.
    private static readonly string[] WithoutMeaning =
    [
        "trust_remote_code", "disable_custom_all_reduce", "enforce_eager", "swap_space", "download_dir", "distributed_executor_backend",
        "disable_log_requests", "disable_log_stats", "uvicorn_log_level", "max_parallel_loading_workers",
    ];

    private static readonly string[] OfTheServer =
    [
        "host", "port", "http", "max_http_requests", "max_request_bytes", "max_request_bytes_total", "max_file_bytes", "api_keys_file", "cors_origins",
    ];

    /// <summary>Gets every key's name.</summary>
    public static IReadOnlyCollection<string> Names { get; } = [.. Setters.Keys, .. WithoutMeaning];

    /// <summary>Sets what <paramref name="value"/>, of the key <paramref name="key"/>, says.</summary>
    /// <param name="serves">Whether the command has an HTTP server.</param>
    /// <exception cref="CommandException">There is no such key, or the value is refused.</exception>
    public static void Apply(DrayConfiguration to, string key, ConfigurationValue value, bool serves)
    {
        if (WithoutMeaning.Contains(key))
        {
            to.KeysThatDoNotApply.Add(key);
            return;
        }

        if (!Setters.TryGetValue(key, out var set)) throw value.Unknown(Names);
        if (!serves && OfTheServer.Contains(key)) to.KeysThatDoNotApply.Add(key);
        if (!value.IsNull) set(to, value);
    }

    private static Setter Engine(Func<EngineOptions, ConfigurationValue, EngineOptions> set) => (to, value) => to.Engine = set(to.Engine, value);

    private static Setter Images(Func<ImageOptions, ConfigurationValue, ImageOptions> set) =>
        Engine((engine, value) => engine with { Images = set(engine.Images, value) });

    private static KvCacheDataType KvCacheType(ConfigurationValue value) =>
        KvCacheDataTypes.TryParse(value.Text(), out var type) ? type.Value : throw value.Wrong(KvCacheDataTypes.OptionValues);

    private static ImageOrientation Orientation(ConfigurationValue value) =>
        value.OneOf("apply", "ignore") == "apply" ? ImageOrientation.Apply : ImageOrientation.Ignore;

    private static void Agree(ConfigurationValue value, string what, params string[] words)
    {
        if (!words.Contains(value.Text())) throw value.Refuse($"{what}; leave it out or write {string.Join(" or ", words)}");
    }

    private static void OneDevice(DrayConfiguration to, ConfigurationValue value)
    {
        if (value.Integer(1, int.MaxValue) > 1)
            throw value.Refuse("Dray runs a model on one device; set it to 1, and start a worker for each device");
    }

    private static bool GenerationConfig(ConfigurationValue value) => value.Text() switch
    {
        "auto" => true,
        "vllm" => false,
        _ => throw value.Refuse(
            "generation_config.json is read from the model's folder only; write auto for it, or vllm to leave its sampling out"),
    };

    private static IReadOnlyList<string> ImageHosts(ConfigurationValue value)
    {
        var hosts = value.Texts();
        if (hosts.All(WorkerOptions.IsImageHost)) return hosts;
        throw value.Refuse("a host is written without scheme and path, and with a port only if it isn't 443: images.example.org");
    }

    private static IReadOnlyList<string> CorsOrigins(ConfigurationValue value)
    {
        var origins = value.Texts();
        if (origins.All(HttpApiOptions.IsOrigin)) return origins;
        throw value.Refuse("an origin is a scheme and a host, and a port where it isn't the scheme's, without a path: https://app.example.org");
    }

    private static void LimitPerPrompt(DrayConfiguration to, ConfigurationValue value)
    {
        foreach (var limit in value.Entries())
        {
            switch (limit.Name)
            {
                case "limit_mm_per_prompt.image":
                    to.Worker.MaxImagesPerRow = limit.Integer<WorkerOptions>(nameof(WorkerOptions.MaxImagesPerRow));
                    break;
                case "limit_mm_per_prompt.audio" or "limit_mm_per_prompt.video":
                    if (limit.Integer(0, int.MaxValue) > 0)
                        throw limit.Refuse("Dray reads text and pictures only; set it to 0 or leave it out");
                    break;
                default:
                    throw limit.Unknown(["image", "audio", "video"]);
            }
        }
    }
}
