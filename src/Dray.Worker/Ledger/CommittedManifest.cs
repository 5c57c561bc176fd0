using Dray.Contracts;

namespace Dray.Worker.Ledger;

/// <summary>A manifest in the store: its batch is done.</summary>
/// <param name="Manifest">What it says.</param>
/// <param name="Blob">Where it is, and its hash.</param>
internal sealed record CommittedManifest(BatchManifest Manifest, BlobDigest Blob);
