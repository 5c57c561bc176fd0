namespace Dray.Tests;

/// <summary>
/// The folder with large reference material (goldens, models) that lies beside the repository on some machines. Tests that need
/// it say so and are skipped elsewhere; <c>DRAY_TEST_REQUIRE_SHARED=1</c> turns the skip into a failure.
/// </summary>
internal static class SharedFolder
{
    private static readonly string? Root = Find();

    /// <summary>Gets the repository's root.</summary>
    public static string Repository { get; } = Ascend(AppContext.BaseDirectory, "Worker.sln")
        ?? throw new InvalidOperationException("Worker.sln was not found above the test binary.");

    /// <summary>The full path of a file or folder in the shared folder; skips the test where there is none.</summary>
    public static string Require(params string[] parts)
    {
        if (Root is not null) return Path.Combine([Root, .. parts]);
        if (Environment.GetEnvironmentVariable("DRAY_TEST_REQUIRE_SHARED") == "1")
            Assert.Fail("The shared folder with goldens and models is required here but was not found; set DRAY_SHARED to its path.");
        Assert.Skip("skipped: the shared folder with goldens and models is not here");
        return "";
    }

    private static string? Find()
    {
        var named = Environment.GetEnvironmentVariable("DRAY_SHARED");
        if (!string.IsNullOrEmpty(named)) return Directory.Exists(named) ? named : null;
        var marker = Ascend(AppContext.BaseDirectory, Path.Combine("shared", "goldens", "README.md"));
        return marker is null ? null : Path.Combine(marker, "shared");
    }

    private static string? Ascend(string start, string marker)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, marker))) return folder.FullName;
        }

        return null;
    }
}
