package io.outboxrelay.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import javax.tools.ToolProvider;

/**
 * The parsed Java sources of all modules, tests included. A rule that needs only the syntax sees
 * here also the modules that are built after this one.
 */
final class JavaSources {
  private JavaSources() {}

  /** Visits each source with a visitor of its own. */
  static void visit(Function<Position, TreeScanner<Void, Void>> visitor) throws IOException {
    var files = SourceFiles.of("/src/", ".java");
    var compiler = ToolProvider.getSystemJavaCompiler();
    try (var manager = compiler.getStandardFileManager(null, null, UTF_8)) {
      var task =
          (JavacTask)
              compiler.getTask(
                  null,
                  manager,
                  null,
                  List.of("-proc:none"),
                  null,
                  manager.getJavaFileObjectsFromPaths(files));
      var trees = Trees.instance(task);
      for (var unit : task.parse()) {
        unit.accept(visitor.apply(tree -> place(trees, unit, tree)), null);
      }
    }
  }

  /** Tells the file and line of a tree. */
  interface Position {
    String of(Tree tree);
  }

  private static String place(Trees trees, CompilationUnitTree unit, Tree tree) {
    var file = Path.of(unit.getSourceFile().toUri());
    long start = trees.getSourcePositions().getStartPosition(unit, tree);
    return SourceFiles.ROOT.relativize(file) + ":" + unit.getLineMap().getLineNumber(start);
  }
}
