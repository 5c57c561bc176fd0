using Dray.Cli.Configuration;
using Dray.Worker;
using Dray.Worker.Transport;

namespace Dray.Cli.Tests.Deploy;

public sealed class WorkerFileTests
{
    public static TheoryData<string> Files => ["deploy/compose/worker.yaml", "deploy/kubernetes/base/worker.yaml", "deploy/kubernetes/overlays/gpu/worker.yaml"];

    [Theory]
    [MemberData(nameof(Files))]
    public void File_EveryKey_IsUnderstoodAndApplies(string file)
    {
        var configuration = ConfigurationFile.Read(Path.Combine(SharedFolder.Repository, file), serves: true);

        configuration.KeysThatDoNotApply.ShouldBeEmpty();
        configuration.Port.ShouldBe(DeploySettings.Port);
        configuration.Host.ShouldBe("0.0.0.0", "Nobody outside its container could ask after its health otherwise.");
        configuration.Model.ShouldBeNull("The environment says which model.");
        Should.NotThrow(() => WorkerSettings.From(configuration.Worker).Within(BrokerOptions.Parse(BrokerOptions.DefaultUrl).ConsumerTimeout));
    }
}
