using Dray.Worker.Http;

namespace Dray.Cli.Tests.Commands;

public sealed class ApiKeyCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder["keys.jsonl"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Create_ListAndRevoke_KeepTheHashOnly()
    {
        var created = await CommandRun.Of("api-key", "create", "--tenant", "acme", "--file", File, "--requests-per-minute", "60");
        created.ExitCode.ShouldBe(0, created.Error);
        var key = created.Output.Trim();
        System.IO.File.ReadAllText(File).ShouldNotContain(key);

        var listed = (await CommandRun.Of("api-key", "list", "--file", File)).Output;
        var id = Convert.ToHexStringLower(ApiKeyFile.HashOf(key))[..12];
        listed.ShouldBe($"{id}  acme  60/min{Environment.NewLine}");

        (await CommandRun.Of("api-key", "revoke", id, "--file", File)).ExitCode.ShouldBe(0);
        ApiKeyFile.Read(File).ShouldHaveSingleItem().Disabled.ShouldBeTrue();
    }

    [Theory]
    [InlineData(2, "create", "--tenant", "Acme_1")]
    [InlineData(2, "create", "--tenant", "acme", "--requests-per-minute", "0")]
    [InlineData(3, "list")]
    [InlineData(3, "revoke", "000000000000")]
    public async Task ApiKey_WhatCannotBe_IsRefused(int exitCode, params string[] arguments) =>
        (await CommandRun.Of(["api-key", .. arguments, "--file", File])).ExitCode.ShouldBe(exitCode);
}
