using System.CommandLine;
using System.CommandLine.Parsing;
using Dray.Inference.Compute.Cpu;
using Dray.Worker.Transport;
using Microsoft.Extensions.Logging;

namespace Dray.Cli.Configuration;

/// <summary>
/// <c>--config</c>, <c>--model</c> and the options that are keys of the configuration file too. What the command line says goes before the
/// file, and the file before the defaults.
/// </summary>
internal sealed class ConfigurationOptions
{
    private readonly Option<string?> _file = new("--config")
    {
        Description = "Configuration with vLLM's option names, and Dray's own; samples/configs/README.md lists them. " +
            "What the command line says goes before it. Default: none.",
        HelpName = "FILE.yaml",
    };

    private readonly Option<string> _model = CommonOptions.Model();
    private readonly List<(Option<string?> Option, string Key)> _keys = [];

    private readonly bool _hasModel;

    private ConfigurationOptions(Command command, bool hasModel)
    {
        _hasModel = hasModel;
        command.Add(_file);
        if (hasModel) command.Add(_model);
    }

    /// <summary>Adds <c>--config</c>, <c>--broker</c> and <c>--store</c>, for a command that talks to workers.</summary>
    public static ConfigurationOptions OfClient(Command command)
    {
        var options = new ConfigurationOptions(command, hasModel: false);
        options.AddServices(command);
        return options;
    }

    /// <summary>Adds <c>--config</c> and <c>--model</c>, for a command that needs no more than the checkpoint's folder.</summary>
    public static ConfigurationOptions OfModel(Command command) => new(command, hasModel: true);

    /// <summary>Adds <c>--config</c>, <c>--threads</c> and <c>--cpu-path</c>, for a command that computes on the CPU and names its checkpoint itself.</summary>
    public static ConfigurationOptions OfProcessor(Command command)
    {
        var options = new ConfigurationOptions(command, hasModel: false);
        options.AddProcessor(command);
        return options;
    }

    /// <summary>Adds the options of a command that computes, too.</summary>
    public static ConfigurationOptions OfBackend(Command command)
    {
        var options = OfModel(command);
        options.Add(command, "device", "auto|cpu|cuda|opencl", "Where to compute; cuda:1 is the second CUDA device. Default: auto, the first GPU that can be used or else the CPU.");
        options.AddProcessor(command);
        options.Add(
            command, "activations", string.Join('|', ActivationPrecisions.Names),
            "How inputs of quantized weights are rounded on the CPU where a path multiplies integers: bf16 to 16 bits, int8 to 8 bits, which is " +
            "faster and less exact. Default: bf16.");
        options.Add(
            command, "weight_cache", "DIR",
            "Folder to keep the CPU's packed weights in, about as many bytes as the checkpoint has, so that later starts map them. Default: none are kept.");
        return options;
    }

    /// <summary>Adds the options of a command that runs an engine, too.</summary>
    public static ConfigurationOptions OfEngine(Command command)
    {
        var options = OfBackend(command);
        options.Add(
            command, "max_model_len", "TOKENS",
            "The most tokens of a prompt and its answer together. Default: the checkpoint's context, or what the KV cache has room for.");
        options.Add(command, "max_num_batched_tokens", "TOKENS", "The most tokens in one forward pass. Default: 8192.");
        options.Add(command, "max_num_seqs", "N", "The most sequences in one forward pass. Default: 32.");
        options.Add(command, "kv_cache_dtype", "auto|fp8_e4m3|bf16|fp32", "How the KV cache holds keys and values; auto is bf16. Default: fp8_e4m3.");
        options.Add(command, "image_orientation", "apply|ignore", "Whether pictures are turned as their EXIF data says. Default: apply.");
        return options;
    }

    /// <summary>The file that <c>--config</c> names, or null.</summary>
    public string? FileOf(ParseResult parsed) => parsed.GetValue(_file);

    /// <summary>Reads file and options.</summary>
    /// <exception cref="CommandException">Something in them is wrong; the message names key or option, value and line.</exception>
    public DrayConfiguration Resolve(ParseResult parsed, ILoggerFactory? loggers = null, bool serves = false)
    {
        var path = parsed.GetValue(_file);
        var configuration = path is null ? new DrayConfiguration() : ConfigurationFile.Read(path, serves);
        foreach (var (option, key) in _keys)
        {
            if (parsed.GetValue(option) is { } text)
            {
                var value = new ConfigurationValue("", option.Name, new YamlScalar(text, IsPlain: false, Line: 0));
                ConfigurationKeys.Apply(configuration, key, value, serves);
            }
        }

        if (_hasModel && (configuration.Model is null || parsed.GetResult(_model) is OptionResult { Implicit: false }))
            configuration.Model = parsed.GetRequiredValue(_model);
        configuration.Complete();
        if (configuration.KeysThatDoNotApply is { Count: > 0 } unused && loggers is not null)
        {
            loggers.CreateLogger<DrayConfiguration>().LogInformation(
                "{File}: these keys can't apply here and are left out: {Keys}", path, string.Join(", ", unused));
        }

        return configuration;
    }

    /// <summary>Adds <c>--host</c>, <c>--port</c> and <c>--api-keys-file</c>.</summary>
    public void AddServer(Command command)
    {
        Add(command, "host", "NAME", "Address to serve on; 0.0.0.0 for all of this machine's. Default: localhost.");
        Add(command, "port", "N", "Port to serve on; 0 for any that is free. Default: 8000.");
        Add(
            command, "api_keys_file", "FILE",
            "Hashes of the API keys that OpenAI's HTTP interface lets in, made by 'dray api-key create'. Default: none, everyone is let in.");
    }

    /// <summary>Adds <c>--broker</c> and <c>--store</c>.</summary>
    public void AddServices(Command command)
    {
        Add(
            command, "broker", "URL",
            $"RabbitMQ: amqp://user:password@host:5672/vhost, or amqps:// for TLS. Default: $DRAY_BROKER, then {BrokerOptions.DefaultUrl}.");
        Add(
            command, "store", "STORE",
            "Inputs and answers: a folder, the URL of an Azure container, or an Azure connection string. Default: $DRAY_STORE, then " +
            "UseDevelopmentStorage=true.");
    }

    private void AddProcessor(Command command)
    {
        Add(command, "threads", "N", "Threads on the CPU, 1 to 1024. Default: one per physical core.");
        Add(
            command, "cpu_path", string.Join('|', CpuInstructionSets.Names),
            "Which kernels compute on the CPU, for debugging; refused where they can't run. Default: the fastest that can.");
    }

    private void Add(Command command, string key, string helpName, string description)
    {
        var option = new Option<string?>($"--{key.Replace('_', '-')}") { Description = description, HelpName = helpName };
        command.Add(option);
        _keys.Add((option, key));
    }
}
