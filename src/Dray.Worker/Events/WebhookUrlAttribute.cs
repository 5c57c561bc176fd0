using System.ComponentModel.DataAnnotations;

namespace Dray.Worker.Events;

/// <summary>An address that events may be posted to: https, or http on this machine itself; without a password in it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class WebhookUrlAttribute : ValidationAttribute
{
    /// <summary>What the value must be, in words.</summary>
    public const string Rule = "an https URL without user and password (http only for this machine itself, such as http://localhost:8080/hook)";

    /// <summary>Creates the rule.</summary>
    public WebhookUrlAttribute()
        : base($"The field {{0}} must be {Rule}.")
    {
    }

    /// <summary>Whether events may be posted to <paramref name="text"/>.</summary>
    public static bool IsAllowed(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.UserInfo.Length == 0 && url.Fragment.Length == 0
        && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback));

    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is null || (value is string text && IsAllowed(text));
}
