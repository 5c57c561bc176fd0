namespace Dray.Tests;

/// <summary>
/// Servers that tests talk to, where they are installed; a test that needs one which isn't is skipped and says so.
/// <c>DRAY_TEST_REQUIRE_SERVICES=1</c> turns the skip into a failure.
/// </summary>
internal static class RequiredServices
{
    /// <summary>Skips the test unless <paramref name="isInstalled"/>.</summary>
    /// <param name="what">What is missing then, such as "broker".</param>
    public static void Demand(bool isInstalled, string what)
    {
        if (isInstalled) return;
        if (Environment.GetEnvironmentVariable("DRAY_TEST_REQUIRE_SERVICES") == "1")
            Assert.Fail($"A {what} is required here but is not installed.");
        Assert.Skip($"skipped: no {what}");
    }
}
