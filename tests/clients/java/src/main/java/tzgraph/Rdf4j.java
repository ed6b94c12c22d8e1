package tzgraph;

import static tzgraph.Checks.equal;

import java.io.StringReader;
import java.util.Map;
import org.eclipse.rdf4j.model.IRI;
import org.eclipse.rdf4j.model.Model;
import org.eclipse.rdf4j.model.ValueFactory;
import org.eclipse.rdf4j.model.impl.SimpleValueFactory;
import org.eclipse.rdf4j.query.MalformedQueryException;
import org.eclipse.rdf4j.query.QueryEvaluationException;
import org.eclipse.rdf4j.query.QueryLanguage;
import org.eclipse.rdf4j.query.QueryResults;
import org.eclipse.rdf4j.query.UpdateExecutionException;
import org.eclipse.rdf4j.repository.RepositoryConnection;
import org.eclipse.rdf4j.repository.sparql.SPARQLRepository;
import org.eclipse.rdf4j.rio.RDFFormat;

/** RDF4J's SPARQLRepository: address of the server, token. */
public final class Rdf4j {
    private static final ValueFactory VALUES = SimpleValueFactory.getInstance();
    private static final String EX = "http://example.org/";
    private static final IRI GRAPH = VALUES.createIRI(EX + "rdf4j");

    private Rdf4j() {}

    public static void main(String[] arguments) {
        SPARQLRepository server =
                new SPARQLRepository(arguments[0] + "/sparql", arguments[0] + "/update");
        server.setAdditionalHttpHeaders(Map.of("Authorization", "Bearer " + arguments[1]));
        Checks checks = new Checks();
        try (RepositoryConnection connection = server.getConnection()) {
            writes(checks, connection);
            queries(checks, connection);
        }
        server.shutDown();
        checks.end();
    }

    private static void writes(Checks checks, RepositoryConnection server) {
        IRI a = VALUES.createIRI(EX + "ä");
        IRI p = VALUES.createIRI(EX + "p");
        checks.check(
                "add and remove in a transaction",
                () -> {
                    server.begin();
                    server.add(a, p, VALUES.createLiteral("x\n\"", "de"), GRAPH);
                    server.add(a, p, VALUES.createLiteral(5), GRAPH);
                    server.commit();
                    equal(2L, size(server));
                    server.remove(a, p, VALUES.createLiteral(5), GRAPH);
                    equal(1L, size(server));
                });
        checks.check(
                "add a file",
                () -> {
                    String turtle = "<x:a> <x:b> [ <x:c> 1 ] .";
                    server.add(new StringReader(turtle), "", RDFFormat.TURTLE, GRAPH);
                    equal(3L, size(server));
                });
        checks.check(
                "update",
                () -> {
                    String text = "INSERT DATA { GRAPH <" + GRAPH + "> { <x:a> <x:d> 1.5 } }";
                    server.prepareUpdate(QueryLanguage.SPARQL, text).execute();
                    equal(4L, size(server));
                });
        checks.check(
                "update that is refused",
                () -> {
                    try {
                        String text = "LOAD <http://example.org/x>";
                        server.prepareUpdate(QueryLanguage.SPARQL, text).execute();
                    } catch (UpdateExecutionException error) {
                        return;
                    }
                    throw new AssertionError("not refused");
                });
        checks.check(
                "graphs",
                () -> equal(true, QueryResults.asList(server.getContextIDs()).contains(GRAPH)));
    }

    private static void queries(Checks checks, RepositoryConnection server) {
        checks.check(
                "select",
                () -> {
                    var query = server.prepareTupleQuery("SELECT ?o { GRAPH ?g { ?s ?p ?o } }");
                    query.setBinding("g", GRAPH);
                    try (var result = query.evaluate()) {
                        equal(4L, result.stream().count());
                    }
                });
        checks.check(
                "ask",
                () -> {
                    String text = "ASK { <" + EX + "it> ?p ?o }";
                    equal(true, server.prepareBooleanQuery(text).evaluate());
                });
        checks.check(
                "construct",
                () -> {
                    String text = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH <" + GRAPH + "> { ?s ?p ?o } }";
                    Model model = QueryResults.asModel(server.prepareGraphQuery(text).evaluate());
                    equal(4, model.size());
                });
        checks.check(
                "describe",
                () -> {
                    String text = "DESCRIBE <" + EX + "it>";
                    Model model = QueryResults.asModel(server.prepareGraphQuery(text).evaluate());
                    equal(false, model.isEmpty());
                });
        checks.check(
                "query that can't be parsed",
                () -> {
                    try {
                        server.prepareTupleQuery("SELECT nonsense").evaluate();
                    } catch (QueryEvaluationException | MalformedQueryException error) {
                        return;
                    }
                    throw new AssertionError("not refused");
                });
        checks.check(
                "clear",
                () -> {
                    server.clear(GRAPH);
                    equal(0L, size(server));
                });
    }

    /** The statements of the graph; the client's own size() asks the default graph. */
    private static long size(RepositoryConnection server) {
        return QueryResults.asModel(server.getStatements(null, null, null, GRAPH)).size();
    }
}
