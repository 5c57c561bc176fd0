using Microsoft.AspNetCore.Http;

namespace Dray.Worker.Http;

/// <summary>On whose behalf a request is made: ids of its batches and files begin with the tenant's name, and it sees no others.</summary>
/// <param name="Name">Lower-case letters, digits and <c>-</c>; empty where no API keys are set, which sees everything.</param>
internal sealed record Tenant(string Name)
{
    private const char Separator = '_';

    /// <summary>Gets everyone, where no API keys are set.</summary>
    public static Tenant Everyone { get; } = new("");

    /// <summary>Gets whether it sees what belongs to others, too.</summary>
    public bool SeesAll => Name.Length == 0;

    /// <summary>The id of something of this tenant's, such as <c>acme_batch-1f</c> of <c>batch-1f</c>.</summary>
    public string Own(string id) => SeesAll ? id : $"{Name}{Separator}{id}";

    /// <summary>Whether this tenant may see what has this id.</summary>
    public bool Owns(string id) => SeesAll || (id.Length > Name.Length && id.StartsWith(Name, StringComparison.Ordinal) && id[Name.Length] == Separator);

    /// <summary>The tenant that a request is made for.</summary>
    public static Tenant Of(HttpContext context) => context.Features.Get<Tenant>() ?? Everyone;
}
