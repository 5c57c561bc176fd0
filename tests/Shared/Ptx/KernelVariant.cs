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

    /// <summary>Every kernel of an assembly, by name: those that its code loads, and those that are marked.</summary>
    /// <exception cref="InvalidOperationException">It can't be told which type arguments or values a kernel is compiled with.</exception>
    public static IReadOnlyList<KernelVariant> In(Assembly assembly) =>
        [.. LaunchedKernels.In(assembly).Concat(Marked(assembly)).SelectMany(Of).DistinctBy(kernel => kernel.Name)
            .OrderBy(kernel => kernel.Name, StringComparer.Ordinal)];

    private static IEnumerable<MethodInfo> Marked(Assembly assembly) => assembly.GetTypes()
        .SelectMany(type => type.GetMethods(BindingFlags.DeclaredOnly | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        .Where(method => method.IsDefined(typeof(KernelAttribute)) && method.GetCustomAttributes<KernelAttribute>().Any(mark =>
            !method.ContainsGenericParameters || mark.TypeArguments.Length > 0));

    private static IEnumerable<KernelVariant> Of(MethodInfo method)
    {
        KernelAttribute[] marks = [.. method.GetCustomAttributes<KernelAttribute>()];
        if (method is { IsGenericMethod: true, ContainsGenericParameters: false })
        {
            // A mark with type arguments speaks for these alone.
            var arguments = method.GetGenericArguments();
            marks = [.. marks.Where(mark => mark.TypeArguments.Length == 0 || mark.TypeArguments.SequenceEqual(arguments))];
        }

        if (marks.Length == 0) marks = [new KernelAttribute()];
        return marks.Select(mark => new KernelVariant(Closed(method, mark), mark.Bounds, mark.Values, mark.Traits));
    }

    private static MethodInfo Closed(MethodInfo method, KernelAttribute mark)
    {
        if (!method.ContainsGenericParameters) return method;
        if (method.IsGenericMethod && mark.TypeArguments.Length > 0) return method.GetGenericMethodDefinition().MakeGenericMethod(mark.TypeArguments);
        throw new InvalidOperationException(
            $"{NameOf(method)} is loaded by generic code, which doesn't tell its type arguments; name them in [Kernel(TypeArguments = [...])].");
    }

    /// <summary>The name of a kernel's method, with its class and type arguments.</summary>
    public static string NameOf(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}" +
        (method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(type => type.Name))}>" : "");

    /// <summary>Whether the code must show a trait.</summary>
    public bool Shows(KernelTraits trait) => (Traits & trait) == trait;
}
