using System.CommandLine;
using Dray.Worker.Http;

namespace Dray.Cli.Commands;

/// <summary><c>dray api-key</c>: makes, lists and revokes the keys that the HTTP interface lets in.</summary>
internal static class ApiKeyCommand
{
    private const int IdLength = 12;

    public static Command Create() => new("api-key", "Make, list and revoke API keys of the HTTP interface. Only their hashes are kept.")
    {
        CreateKey(),
        ListKeys(),
        RevokeKey(),
    };

    private static Command CreateKey()
    {
        var (command, file) = Subcommand("create", "Make a key, print it, this once, and add its hash to the file.");
        var tenant = new Option<string>("--tenant") { Description = "Whom the key stands for: 1 to 32 of a-z 0-9 -.", HelpName = "NAME", Required = true };
        var limit = new Option<int?>("--requests-per-minute") { Description = "The most requests in a minute. Default: any number.", HelpName = "N" };
        command.Add(tenant);
        command.Add(limit);
        command.SetAction(parsed =>
        {
            var name = parsed.GetRequiredValue(tenant);
            if (!ApiKeyFile.IsTenant(name)) throw new CommandException(ExitCode.Usage, $"--tenant is '{name}', but it must be 1 to 32 of a-z 0-9 -, beginning with a letter or digit.");
            if (parsed.GetValue(limit) is < 1) throw new CommandException(ExitCode.Usage, "--requests-per-minute must be 1 or more; leave it out for any number.");
            var path = parsed.GetRequiredValue(file);
            if (File.Exists(path)) Read(path);
            var text = ApiKeyFile.NewKey();
            ApiKeyFile.Append(path, new ApiKey { Tenant = name, Sha256 = Convert.ToHexStringLower(ApiKeyFile.HashOf(text)), RequestsPerMinute = parsed.GetValue(limit) });
            parsed.InvocationConfiguration.Output.WriteLine(text);
            parsed.InvocationConfiguration.Error.WriteLine($"Keep it: only its hash is in {path}. Name that file as api_keys_file or --api-keys-file.");
        });
        return command;
    }

    private static Command ListKeys()
    {
        var (command, file) = Subcommand("list", "Show whom keys stand for: the beginning of the hash, which names the key, the tenant, and its limit.");
        command.SetAction(parsed =>
        {
            foreach (var key in Read(parsed.GetRequiredValue(file)))
            {
                var limit = key.RequestsPerMinute is { } requests ? $"{requests}/min" : "no limit";
                parsed.InvocationConfiguration.Output.WriteLine($"{IdOf(key)}  {key.Tenant}  {limit}{(key.Disabled ? "  revoked" : "")}");
            }
        });
        return command;
    }

    private static Command RevokeKey()
    {
        var (command, file) = Subcommand("revoke", "Let a key in no more; a server notices within seconds.");
        var id = new Argument<string>("ID") { Description = "What 'dray api-key list' shows first." };
        command.Add(id);
        command.SetAction(parsed =>
        {
            var (path, wanted) = (parsed.GetRequiredValue(file), parsed.GetRequiredValue(id));
            var keys = Read(path);
            if (keys.Count(key => IdOf(key) == wanted) != 1)
                throw new CommandException(ExitCode.Usage, $"{path} has no key '{wanted}'; 'dray api-key list' shows those that there are.");
            ApiKeyFile.Write(path, keys.Select(key => IdOf(key) == wanted ? key with { Disabled = true } : key));
        });
        return command;
    }

    private static (Command Command, Option<string> File) Subcommand(string name, string description)
    {
        var file = new Option<string>("--file")
        {
            Description = "The file of hashes. Default: api-keys.jsonl.",
            HelpName = "FILE",
            DefaultValueFactory = _ => "api-keys.jsonl",
        };
        return (new Command(name, description) { file }, file);
    }

    private static string IdOf(ApiKey key) => key.Sha256[..IdLength].ToLowerInvariant();

    private static IReadOnlyList<ApiKey> Read(string path)
    {
        try
        {
            return ApiKeyFile.Read(path);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.InputRefused, e.Message);
        }
    }
}
