using System.Globalization;
using System.Reflection;
using Dray.Inference.Ilgpu;
using ILGPU.Runtime;

namespace Dray.Tests.Ptx;

/// <summary>A kernel with the launch bounds and specialised values that it is compiled with.</summary>
/// <param name="Method">The kernel, without open type parameters.</param>
/// <param name="Bounds">Launch bounds.</param>
/// <param name="Values">Values of its specialised parameters, in order.</param>
/// <param name="Traits">What its code must show.</param>
internal sealed record KernelVariant(MethodInfo Method, KernelSpecialization Bounds, IReadOnlyList<object> Values, KernelTraits Traits)
{
    /// <summary>Gets a name that is unique in its assembly, such as <c>MatMulKernels.Small(8)</c>.</summary>
    public string Name { get; } = NameOf(Method) +
        (Values.Count == 0 ? "" : $"({string.Join(", ", Values.Select(value => string.Create(CultureInfo.InvariantCulture, $"{value}")))})");

    /// <summary>The variants that the assembly's methods are marked with, by name.</summary>
    public static IReadOnlyList<KernelVariant> In(Assembly assembly) =>
        [.. assembly.GetTypes().SelectMany(type => type.GetMethods(
                BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .SelectMany(method => method.GetCustomAttributes<KernelAttribute>().Select(mark => new KernelVariant(
                mark.TypeArguments.Length == 0 ? method : method.MakeGenericMethod(mark.TypeArguments), mark.Bounds, mark.Values, mark.Traits)))
            .OrderBy(kernel => kernel.Name, StringComparer.Ordinal)];

    /// <summary>The name of a kernel's method, with its class and type arguments.</summary>
    public static string NameOf(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}" +
        (method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(type => type.Name))}>" : "");

    /// <summary>Whether the code must show a trait.</summary>
    public bool Shows(KernelTraits trait) => (Traits & trait) == trait;
}
